import { Link, match, usePlace } from "../common/router";
import { Toasts } from "../common/toast";
import { arriving } from "./arriving";
import { Header } from "./Header";
import { Home } from "./Home";

const later = () => import("./later");
const browse = () => import("./Browse");
const Account = arriving(async () => (await later()).Account);
const Browse = arriving(async () => (await browse()).Browse);
const CartPage = arriving(async () => (await later()).CartPage);
const Checkout = arriving(async () => (await later()).Checkout);
const LogIn = arriving(async () => (await later()).LogIn);
const Missing = arriving(async () => (await later()).Missing);
const OrderList = arriving(async () => (await later()).OrderList);
const OrderPage = arriving(async () => (await later()).OrderPage);
const ProductPage = arriving(async () => (await later()).ProductPage);
const Register = arriving(async () => (await later()).Register);

const laterPages = [Account, CartPage, Checkout, LogIn, Missing, OrderList, OrderPage, ProductPage, Register];

/** Loads what the page at a path consists of. */
export async function prepare(path: string): Promise<void> {
  if (path === "/") return;
  const pages = path === "/search" ? [Browse] : laterPages;
  await Promise.all(pages.map((page) => page.prepare()));
}

/** Loads what all pages consist of. */
export async function prepareAll(): Promise<void> {
  await Promise.all([Browse, ...laterPages].map((page) => page.prepare()));
}

/** The shop: every page under one header. */
export function Shop() {
  return (
    <>
      <a className="skip" href="#main">Skip to content</a>
      <Header />
      <Content />
      <footer className="footer">
        <p>CloudRetail, a demonstration: nothing is sold, and no card is charged.</p>
        <nav aria-label="Footer">
          <Link to="/search">All products</Link>
          <Link to="/orders">Orders</Link>
          <Link to="/account">Account</Link>
          <a href="/console">For staff</a>
          <a href="/docs">Interface</a>
        </nav>
      </footer>
      <Toasts />
    </>
  );
}

function Content() {
  const { path } = usePlace();
  const product = match("/products/:id", path)?.["id"];
  const order = match("/orders/:id", path)?.["id"];
  if (product !== undefined) return <ProductPage key={product} id={product} />;
  if (order !== undefined) return <OrderPage key={order} id={order} />;
  switch (path) {
    case "/": return <Home />;
    case "/search": return <Browse />;
    case "/cart": return <CartPage />;
    case "/checkout": return <Checkout />;
    case "/orders": return <OrderList />;
    case "/account": return <Account />;
    case "/log-in": return <LogIn />;
    case "/register": return <Register />;
    default: return <Missing />;
  }
}

import { useIsLoggedIn } from "../common/query";
import { Link, usePlace } from "../common/router";
import { useCart } from "./cart";
import { categories, searchPath } from "./places";
import { SearchBox } from "./SearchBox";
import { SideScroll } from "./SideScroll";

const icons = {
  cart: "M5 8h14l-1.5 12h-11zM8.5 8a3.5 3.5 0 0 1 7 0",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c1-4 4-6 7.500-6s6.500 2 7.500 6",
};

function Icon({ name }: { name: keyof typeof icons }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={icons[name]} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

/** What stands above every page. */
export function Header() {
  const isLoggedIn = useIsLoggedIn();
  const { query, path } = usePlace();
  const { count } = useCart();
  const current = path === "/search" ? query.get("category") : null;
  return (
    <header className="header">
      <div className="header-row">
        <Link to="/" className="brand">CloudRetail</Link>
        <SearchBox key={query.get("q") ?? ""} />
        <nav className="header-links" aria-label="You">
          <Link to={isLoggedIn ? "/account" : "/log-in"}><Icon name="account" /><span>{isLoggedIn ? "Account" : "Log in"}</span></Link>
          <Link to="/cart" aria-label={`Cart, ${count} ${count === 1 ? "item" : "items"}`}>
            <Icon name="cart" /><span>Cart</span>
            {count > 0 && <span className="count" aria-hidden="true">{count}</span>}
          </Link>
        </nav>
      </div>
      <nav className="categories" aria-label="Categories">
        <SideScroll>
          {categories.map((category) => (
            <li key={category}>
              <Link to={searchPath({ category })} {...(category === current ? { "aria-current": "page" as const } : {})}>{category}</Link>
            </li>
          ))}
        </SideScroll>
      </nav>
    </header>
  );
}

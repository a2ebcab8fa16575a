/** The pages that are loaded behind the first one. */
export { Account } from "./Account";
export { CartPage } from "./CartPage";
export { Checkout } from "./Checkout";
export { LogIn, Register } from "./LogIn";
export { Missing } from "./Missing";
export { OrderList } from "./OrderList";
export { OrderPage } from "./OrderPage";
export { ProductPage } from "./ProductPage";

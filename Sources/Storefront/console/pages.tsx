import { lazy, type ReactElement, Suspense } from "react";
import { Cluster } from "./cluster/Cluster";
import { AccountPage } from "./customers/AccountPage";
import { Customers } from "./customers/Customers";
import { Events } from "./events/Events";
import { OrderPage } from "./orders/OrderPage";
import { Orders } from "./orders/Orders";
import { Overview } from "./overview/Overview";
import { Page } from "./parts";
import { PaymentFaults } from "./payments/PaymentFaults";
import { ImportPage } from "./products/ImportPage";
import { NewProduct, ProductPage } from "./products/ProductPage";
import { Products } from "./products/Products";
import { LowStock } from "./stock/LowStock";
import { Stock } from "./stock/Stock";
import { StockPage } from "./stock/StockPage";

/** Few open these pages: they are loaded when they are. */
const webhooks = () => import("./webhooks/pages");
const Webhooks = lazy(async () => ({ default: (await webhooks()).Webhooks }));
const WebhookPage = lazy(async () => ({ default: (await webhooks()).WebhookPage }));
const arriving = (page: ReactElement) => <Suspense fallback={<div className="page" aria-busy="true" />}>{page}</Suspense>;

interface Section {
  path: string;
  title: string;
  isForAdmins?: boolean;
}

/** What the console consists of, in the order in which it is shown. */
export const sections: readonly Section[] = [
  { path: "/console", title: "Today" },
  { path: "/console/orders", title: "Orders" },
  { path: "/console/products", title: "Products" },
  { path: "/console/stock", title: "Stock" },
  { path: "/console/customers", title: "Customers" },
  { path: "/console/events", title: "Events" },
  { path: "/console/webhooks", title: "Webhooks", isForAdmins: true },
  { path: "/console/cluster", title: "Cluster", isForAdmins: true },
];

type Parts = Record<string, string>;

/** The first pattern that matches is shown. */
const pages: readonly [pattern: string, page: (parts: Parts) => ReactElement][] = [
  ["/console", () => <Overview />],
  ["/console/orders", () => <Orders />],
  ["/console/orders/:id", ({ id = "" }) => <OrderPage key={id} id={id} />],
  ["/console/products", () => <Products />],
  ["/console/products/new", () => <NewProduct />],
  ["/console/products/import", () => <ImportPage />],
  ["/console/products/:id", ({ id = "" }) => <ProductPage key={id} id={id} />],
  ["/console/stock", () => <Stock />],
  ["/console/low-stock", () => <LowStock />],
  ["/console/stock/:sku", ({ sku = "" }) => <StockPage key={sku} sku={sku} />],
  ["/console/customers", () => <Customers />],
  ["/console/customers/:id", ({ id = "" }) => <AccountPage key={id} id={id} />],
  ["/console/events", () => <Events />],
  ["/console/webhooks", () => arriving(<Webhooks />)],
  ["/console/webhooks/:id", ({ id = "" }) => arriving(<WebhookPage key={id} id={id} />)],
  ["/console/cluster", () => <Cluster />],
  ["/console/payments", () => <PaymentFaults />],
];

export function findPage(path: string, match: (pattern: string, path: string) => Parts | null): ReactElement {
  for (const [pattern, page] of pages) {
    const parts = match(pattern, path);
    if (parts) return page(parts);
  }
  return <Page title="Not found"><p>The console has no page of this address.</p></Page>;
}

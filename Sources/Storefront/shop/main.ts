// Asks for what the page shows before it loads the script that draws it, so that both come at the same time.
import "../common/base.css";
import "./shop.css";
import { client } from "../common/client";
import { askEarly } from "../common/early";
import { productPicture } from "../common/pictures";
import { currentPath, match } from "../common/router";
import type { Order, Product, ProductPage, Variant } from "../common/types";
import { firstLines } from "./cart";
import { bestPath, orderPath, productPath, productsPath } from "./places";
import { soldOf, soldPath } from "./sold";

/** Pictures that are fetched as soon as their products are known: those that are seen first. */
const picturesAhead = 4;

function fetchPicture(product: Product, variant?: Variant): void {
  new Image().src = productPicture(product, variant);
}

async function askForList(path: string): Promise<void> {
  const { data } = await askEarly<ProductPage>(path);
  for (const product of data.slice(0, picturesAhead)) fetchPicture(product);
}

async function askForProduct(id: string): Promise<void> {
  const product = await askEarly<Product>(productPath(id));
  fetchPicture(product, product.variants[0]);
}

async function askForSold(sku: string): Promise<void> {
  const { product, variant } = soldOf(sku, await askEarly<ProductPage>(soldPath(sku)));
  if (product) fetchPicture(product, variant);
}

async function askForLines(lines: Promise<readonly { sku: string }[]>): Promise<void> {
  await Promise.all([...new Set((await lines).map(({ sku }) => sku))].map(askForSold));
}

async function askForOrder(id: string): Promise<void> {
  if (!client.isKnown) return;
  await askForLines(askEarly<Order>(orderPath(id), client.guest.hasOrdered(id) ? "guest" : undefined).then(({ items }) => items));
}

async function askForPage(path: string): Promise<void> {
  const product = match("/products/:id", path)?.["id"];
  const order = match("/orders/:id", path)?.["id"];
  if (product !== undefined) await askForProduct(product);
  else if (order !== undefined) await askForOrder(order);
  else if (path === "/") await askForList(bestPath);
  else if (path === "/search") await askForList(productsPath(new URLSearchParams(location.search)));
  else if (path === "/cart" || path === "/checkout") await askForLines(firstLines);
}

// A failure is nothing to tell: the page meets it by itself.
askForPage(currentPath()).catch(() => undefined);
void import("./takeOver");

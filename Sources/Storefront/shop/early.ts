// Runs before the shop's own script is there: asks for what the first page shows, so that both come at the same time.
import { askEarly } from "../common/early";
import { productPicture } from "../common/pictures";
import type { Product, ProductPage } from "../common/types";
import { bestPath, productPath, productsPath } from "./places";

/** Pictures that are fetched as soon as their products are known: those that are seen first. */
const picturesAhead = 4;

async function ahead(path: string, products: (document: unknown) => Product[]): Promise<void> {
  const read = await askEarly(path);
  if (!read) return;
  for (const product of products(read.document).slice(0, picturesAhead)) {
    new Image().src = productPicture(product, product.variants[0]);
  }
}

const listed = (document: unknown): Product[] => (document as ProductPage).data;
const { pathname, search } = location;
const id = /^\/products\/([^/]+)$/.exec(pathname)?.[1];
if (pathname === "/") void ahead(bestPath, listed);
else if (pathname === "/search") {
  void import("./Browse");
  void ahead(productsPath(new URLSearchParams(search)), listed);
} else {
  void import("./later");
  if (id !== undefined) void ahead(productPath(decodeURIComponent(id)), (document) => [document as Product]);
}

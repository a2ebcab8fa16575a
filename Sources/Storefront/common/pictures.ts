import type { Product, Variant } from "./types";

const names = new Set(PICTURES.names);
const served = (name: string): string => `/assets/${name}-${PICTURES.version}.svg`;

const asset = (name: string): string | undefined => (names.has(name) ? served(name) : undefined);

/** The product that stands for a category, and for its products that have no picture of their own. */
const examples: Record<string, string> = {
  "Coffee & Tea": "espresso-milano", Kitchen: "mug-strand--sea-blue", Home: "hm-vase-22", Stationery: "notebook-a5",
  Clothing: "sweater-arran", Outdoor: "od-lantern", Books: "bk-trees",
};

/** The picture of a category, or a parcel for one that has none. */
export const categoryPicture = (category: string): string => served(examples[category.split("/")[0] ?? ""] ?? "parcel");

/** Where the demo catalogue says that its pictures are; they come with the shop. */
const demo = /^https:\/\/images\.example\.com\/(.+)\.jpg$/;

/** Where this shop serves a picture of the demo catalogue; undefined for the addresses of others. */
export const demoPicture = (url: string): string | undefined => asset(demo.exec(url)?.[1] ?? "");

/** The picture of a product, in the variant's colour where there is one. */
export function productPicture(product: Product, variant?: Variant): string {
  const url = product.image_urls[0];
  const name = url === undefined ? undefined : demo.exec(url)?.[1];
  if (url !== undefined && name === undefined) return url;
  const values = Object.values(variant?.attributes ?? {});
  const looks = values.map((value) => asset(`${name}--${value.replace(/ /g, "-")}`));
  return looks.find(Boolean) ?? asset(name ?? "") ?? categoryPicture(product.category);
}

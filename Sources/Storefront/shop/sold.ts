import type { Product, ProductPage, Variant } from "../common/types";

/** What a line of a cart or an order is about. */
export interface Sold {
  product: Product | undefined;
  variant: Variant | undefined;
}

/** Where the interface has the product of a SKU, in a list of one. */
export const soldPath = (sku: string): string => `/api/v1/products?limit=1&sku=${encodeURIComponent(sku)}`;

export function soldOf(sku: string, document: ProductPage | undefined): Sold {
  const product = document?.data[0];
  return { product, variant: product?.variants.find((variant) => variant.sku === sku) };
}

import { parseMoney } from "../../common/money";
import { readAttributes } from "./catalogue";
import type { Draft, NewProduct } from "./draft";

/** What is wrong with a draft, by the pointer into the body that it becomes. */
export type Faults = Record<string, string>;

/** Makes the body out of a form, or says what is wrong with it. */
export function makeProduct(draft: Draft): { product: NewProduct } | { faults: Faults } {
  const faults: Faults = {};
  const attributes = readAttributes(draft.attributes, "\n");
  if (attributes === null) faults["/attributes"] = "One in a line, of the form name=value.";
  const variants = draft.variants.map((variant, index) => {
    const amount = parseMoney(variant.price, draft.currency);
    const own = readAttributes(variant.attributes);
    if (amount === null) faults[`/variants/${index}/price`] = "This is no price.";
    if (own === null) faults[`/variants/${index}/attributes`] = "Of the form name=value | name=value.";
    return {
      sku: variant.sku.trim(), title: variant.title.trim() || null, attributes: own ?? {},
      price: { amount: amount ?? 0, currency: draft.currency },
    };
  });
  if (Object.keys(faults).length > 0) return { faults };
  return {
    product: {
      title: draft.title.trim(), description: draft.description.trim() || null, brand: draft.brand.trim() || null,
      category: draft.category.trim() || null, attributes: attributes ?? {}, active: draft.active, variants,
      image_urls: draft.imageURLs.split("\n").map((url) => url.trim()).filter(Boolean),
    },
  };
}

import { exponent } from "../../common/money";
import type { Money, Product } from "../../common/types";

/** What the gateway is asked to create or to put in the place of what is said about a product. */
export interface NewProduct {
  title: string;
  description: string | null;
  brand: string | null;
  category: string | null;
  attributes: Record<string, string>;
  image_urls: string[];
  active: boolean;
  variants: { sku: string; title: string | null; attributes: Record<string, string>; price: Money }[];
}

export interface DraftVariant {
  /** Tells the lines of the form from each other. */
  line: number;
  sku: string;
  title: string;
  price: string;
  attributes: string;
}

/** A product as the form holds it: everything is text. */
export interface Draft {
  title: string;
  description: string;
  brand: string;
  category: string;
  attributes: string;
  imageURLs: string;
  active: boolean;
  currency: string;
  variants: DraftVariant[];
}

export const emptyDraft: Draft = {
  title: "", description: "", brand: "", category: "", attributes: "", imageURLs: "", active: true, currency: "EUR",
  variants: [{ line: 0, sku: "", title: "", price: "", attributes: "" }],
};

/** An amount as a form takes it: digits and a point. */
export function plainAmount({ amount, currency }: Money): string {
  const digits = exponent(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

const lines = (attributes: Record<string, string>, separator: string) =>
  Object.entries(attributes).map(([name, value]) => `${name}=${value}`).join(separator);

export function draftOf(product: Product): Draft {
  return {
    title: product.title, description: product.description, brand: product.brand, category: product.category,
    attributes: lines(product.attributes, "\n"), imageURLs: product.image_urls.join("\n"), active: product.active,
    currency: product.variants[0]?.price.currency ?? "EUR",
    variants: product.variants.map((variant, line) => ({
      line, sku: variant.sku, title: variant.title ?? "", price: plainAmount(variant.price), attributes: lines(variant.attributes, " | "),
    })),
  };
}

/** The fields of a draft that a person compares, with their names. */
export function draftFields(draft: Draft): { name: string; text: string }[] {
  return [
    { name: "Title", text: draft.title }, { name: "Description", text: draft.description }, { name: "Brand", text: draft.brand },
    { name: "Category", text: draft.category }, { name: "Attributes", text: draft.attributes }, { name: "Pictures", text: draft.imageURLs },
    { name: "On sale", text: draft.active ? "yes" : "no" },
    {
      name: "Variants", text: draft.variants.map((one) => (
        [one.sku, one.title, `${one.price} ${draft.currency}`, one.attributes].filter(Boolean).join(" · ")
      )).join("\n"),
    },
  ];
}

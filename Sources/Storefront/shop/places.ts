import type { Account } from "../common/types";

/** The categories of the demo catalogue, in the order in which they are offered. */
export const categories = ["Coffee & Tea", "Kitchen", "Home", "Stationery", "Clothing", "Outdoor", "Books"];

export type SearchTerms = Partial<Record<
  "q" | "category" | "brand" | "price_min" | "price_max" | "currency" | "in_stock" | "sort", string
>>;

const names: (keyof SearchTerms)[] =
  ["q", "category", "brand", "price_min", "price_max", "currency", "in_stock", "sort"];

/** Where a search is shown; the same names as the interface's. */
export function searchPath(terms: SearchTerms): string {
  const query = new URLSearchParams();
  for (const name of names) {
    const value = terms[name];
    if (value) query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? "/search" : `/search?${text}`;
}

/** What the place of a search asks for. */
export function searchTerms(query: URLSearchParams): SearchTerms {
  const terms: SearchTerms = {};
  for (const name of names) {
    const value = query.get(name);
    if (value) terms[name] = value;
  }
  return terms;
}

/** Where the interface has what the first page shows. */
export const bestPath = "/api/v1/products?sort=best_selling&limit=8";

export const orderPath = (id: string): string => `/api/v1/orders/${encodeURIComponent(id)}`;

/**
 * Where the interface has the orders of an account, behind a cursor. Staff are told everybody's unless they name one; a
 * customer, and a guest who has no account, are told their own, and may name no customer.
 */
export function ownOrdersPath(account: Account | undefined, limit: number, cursor: string | null): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (account && account.role !== "customer") query.set("customer_id", account.id);
  if (cursor !== null) query.set("cursor", cursor);
  return `/api/v1/orders?${query}`;
}

export const productPath = (id: string): string => `/api/v1/products/${encodeURIComponent(id)}`;

const pageSize = 24;

/** Where the interface has the first page of a search. */
export function productsPath(query: URLSearchParams): string {
  const path = `/api/v1/products${searchPath(searchTerms(query)).slice("/search".length)}`;
  return `${path}${path.includes("?") ? "&" : "?"}facets=true&limit=${pageSize}`;
}

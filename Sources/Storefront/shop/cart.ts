import { useSyncExternalStore } from "react";
import { client } from "../common/client";
import type { Cart, Money } from "../common/types";

export interface Line {
  sku: string;
  quantity: number;
  productID?: string;
  unitPrice?: Money;
  /** Whether it is on sale. */
  isOrderable: boolean;
}

export interface Contents {
  lines: readonly Line[];
  /** Units of all lines. */
  count: number;
  total: Money | null;
  isLoaded: boolean;
}

/** The most of one thing that the shop puts in a cart: a slip of the keyboard is caught here. */
export const quantityMax = 99;

const place = "cloudretail.cart";
const empty: Contents = { lines: [], count: 0, total: null, isLoaded: false };
const listeners = new Set<() => void>();
let contents = empty;

function show(lines: readonly Line[]): void {
  const count = lines.reduce((sum, line) => sum + line.quantity, 0);
  contents = { lines, count, total: totalOf(lines), isLoaded: true };
  for (const listener of listeners) listener();
}

/** Null where something has no price, or prices are in several currencies. */
function totalOf(lines: readonly Line[]): Money | null {
  const prices = lines.flatMap(({ unitPrice }) => unitPrice ?? []);
  const currency = prices[0]?.currency;
  if (currency === undefined || prices.length < lines.length) return null;
  if (prices.some((price) => price.currency !== currency)) return null;
  const amount = lines.reduce((sum, line) => sum + (line.unitPrice?.amount ?? 0) * line.quantity, 0);
  return { amount, currency };
}

const linesOf = (cart: Cart): Line[] => cart.items.map((item) => ({
  sku: item.sku, quantity: item.quantity, isOrderable: item.orderable,
  ...(item.product_id ? { productID: item.product_id } : {}), ...(item.unit_price ? { unitPrice: item.unit_price } : {}),
}));

// A guest's cart stays in the browser until its holder logs in.

function guestLines(): Line[] {
  const text = localStorage.getItem(place);
  return text === null ? [] : JSON.parse(text) as Line[];
}

function keepGuestLines(lines: readonly Line[]): void {
  if (lines.length === 0) localStorage.removeItem(place);
  else localStorage.setItem(place, JSON.stringify(lines));
  show(lines);
}

/** Reads the cart anew. */
export async function loadCart(): Promise<void> {
  if (!client.session.isOpen) {
    show(guestLines());
    return;
  }
  show(linesOf(await client.get<Cart>("/api/v1/cart")));
}

/** Adds so many more. */
export async function addToCart(line: Line): Promise<void> {
  if (client.session.isOpen) {
    const body = { sku: line.sku, quantity: line.quantity };
    show(linesOf(await client.post<Cart>("/api/v1/cart/items", body)));
    return;
  }
  const lines = guestLines();
  const known = lines.find((other) => other.sku === line.sku);
  if (known) known.quantity = Math.min(known.quantity + line.quantity, quantityMax);
  else lines.push(line);
  keepGuestLines(lines);
}

/** Sets how many there are; zero takes the line out. */
export async function setQuantity(sku: string, quantity: number): Promise<void> {
  if (client.session.isOpen) {
    show(linesOf(await client.put<Cart>(`/api/v1/cart/items/${encodeURIComponent(sku)}`, { quantity })));
    return;
  }
  const lines = guestLines().map((line) => (line.sku === sku ? { ...line, quantity } : line));
  keepGuestLines(lines.filter((line) => line.quantity > 0));
}

/**
 * Moves a guest's cart into that of the account: quantities add up, to the limit of a line.
 *
 * @returns how many units were moved.
 */
export async function mergeGuestCart(): Promise<number> {
  const lines = guestLines();
  let moved = 0;
  const held = new Map((await client.get<Cart>("/api/v1/cart")).items.map((item) => [item.sku, item.quantity]));
  for (const line of lines) {
    const before = held.get(line.sku) ?? 0;
    const quantity = Math.min(before + line.quantity, quantityMax);
    await client.put(`/api/v1/cart/items/${encodeURIComponent(line.sku)}`, { quantity });
    moved += quantity - before;
    localStorage.setItem(place, JSON.stringify(guestLines().filter((other) => other.sku !== line.sku)));
  }
  localStorage.removeItem(place);
  await loadCart();
  return moved;
}

const reload = (): void => { loadCart().catch(() => show(contents.lines)); };
client.session.subscribe(reload);
window.addEventListener("storage", (event) => { if (event.key === place) reload(); });
reload();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

/** What is in the cart; drawn again whenever that changes, in other tabs too. */
export const useCart = (): Contents => useSyncExternalStore(subscribe, () => contents);

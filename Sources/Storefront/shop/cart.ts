import { useSyncExternalStore } from "react";
import { client } from "../common/client";
import { Problem } from "../common/problem";
import { toast } from "../common/toast";
import type { Cart, CartCut, Money } from "../common/types";

export interface Line {
  sku: string;
  quantity: number;
  unitPrice?: Money;
  /** Whether it is on sale. */
  isOrderable: boolean;
}

export interface Contents {
  lines: readonly Line[];
  /** Units of all lines. */
  count: number;
  total: Money | null;
  /** What did not all go in when a guest's cart came to that of an account. */
  cuts: readonly CartCut[];
  isLoaded: boolean;
}

/** The most of one thing that the shop puts in a cart: a slip of the keyboard is caught here. */
export const quantityMax = 99;

const empty: Contents = { lines: [], count: 0, total: null, cuts: [], isLoaded: false };
const listeners = new Set<() => void>();
let contents = empty;

const countOf = (lines: readonly { quantity: number }[]): number => lines.reduce((sum, line) => sum + line.quantity, 0);

function show(lines: readonly Line[], cuts = contents.cuts): void {
  contents = { lines, count: countOf(lines), total: totalOf(lines), cuts, isLoaded: true };
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
  ...(item.unit_price ? { unitPrice: item.unit_price } : {}),
}));

/** The other tabs of the browser, which have the same cart. */
const tabs = new BroadcastChannel("cloudretail.cart");

/** Shows what the customer has changed, and says so to the other tabs. */
function showChanged(cart: Cart): void {
  show(linesOf(cart), []);
  tabs.postMessage(null);
}

let loading: Promise<void> = Promise.resolve();

/** Reads the cart anew; what a guest has comes into that of the account first. One reading follows the other. */
export function loadCart(): Promise<void> {
  loading = loading.catch(() => undefined).then(async () => {
    if (!client.session.isOpen && !client.guest.hasCart) show([], []);
    else if (client.session.isOpen && client.guest.hasCart) await mergeGuestCart();
    else show(linesOf(await client.get<Cart>("/api/v1/cart")));
  });
  return loading;
}

/** Adds so many more; the first time, this makes a guest of a visitor who has not logged in. */
export async function addToCart(sku: string, quantity: number): Promise<void> {
  if (!client.session.isOpen) await client.guest.ensure();
  showChanged(await client.post<Cart>("/api/v1/cart/items", { sku, quantity }));
}

/** Sets how many there are; zero takes the line out. */
export async function setQuantity(sku: string, quantity: number): Promise<void> {
  showChanged(await client.put<Cart>(`/api/v1/cart/items/${encodeURIComponent(sku)}`, { quantity }));
}

interface Merged {
  cart: Cart;
  cut: CartCut[];
}

/** Puts the guest's cart into that of the account, where quantities add up to the limit, and tells the customer. */
async function mergeGuestCart(): Promise<void> {
  const before = await client.get<Cart>("/api/v1/cart");
  const { cart, cut } = await client.post<Merged>("/api/v1/cart/merge", { guest_token: client.guest.token })
    .catch((error) => {
      // Another account has the guest's cart already, or the token has just ended: there is nothing to come.
      if (error instanceof Problem && (error.status === 409 || error.status === 422)) return { cart: before, cut: [] };
      throw error;
    });
  client.guest.noteMerge();
  show(linesOf(cart), cut);
  const moved = countOf(cart.items) - countOf(before.items);
  if (moved > 0) toast(`${moved} ${moved === 1 ? "item" : "items"} of your visit ${moved === 1 ? "is" : "are"} in your cart now.`);
}

const reload = (): void => { loadCart().catch(() => show(contents.lines)); };
client.session.subscribe(reload);
tabs.onmessage = reload;

/** What is in the cart when the page is opened. */
export const firstLines: Promise<readonly Line[]> = loadCart().catch(() => show(contents.lines)).then(() => contents.lines);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

/** What is in the cart; drawn again whenever that changes, in other tabs too. */
export const useCart = (): Contents => useSyncExternalStore(subscribe, () => contents, () => empty);

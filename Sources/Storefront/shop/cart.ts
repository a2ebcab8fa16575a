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
  /** Why it could not be read; undefined once it has been. */
  error: unknown;
}

/** The most of one thing that the shop puts in a cart: a slip of the keyboard is caught here. */
export const quantityMax = 99;

const empty: Contents = { lines: [], count: 0, total: null, cuts: [], isLoaded: false, error: undefined };
const listeners = new Set<() => void>();
let contents = empty;

const countOf = (lines: readonly { quantity: number }[]): number => lines.reduce((sum, line) => sum + line.quantity, 0);

function put(next: Contents): void {
  contents = next;
  for (const listener of listeners) listener();
}

/** Shows these lines until the cart is read again. */
export const show = (lines: readonly Line[], cuts = contents.cuts): void =>
  put({ lines, count: countOf(lines), total: totalOf(lines), cuts, isLoaded: true, error: undefined });

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

/** What is in the cart as far as is known. */
export const currentLines = (): readonly Line[] => contents.lines;

/** The other tabs of the browser, which have the same cart. */
const tabs = new BroadcastChannel("cloudretail.cart");

/** Shows what the customer has changed, and says so to the other tabs. */
export function showChanged(cart: Cart): void {
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
  }).catch((error) => {
    put({ ...contents, error });
    throw error;
  });
  return loading;
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

/** Reads the cart anew; where that fails, its contents say so. */
export const reloadCart = (): Promise<void> => loadCart().catch(() => undefined);
client.session.subscribe(() => void reloadCart());
tabs.onmessage = reloadCart;

/** What is in the cart when the page is opened. */
export const firstLines: Promise<readonly Line[]> = reloadCart().then(() => contents.lines);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

/** What is in the cart; drawn again whenever that changes, in other tabs too. */
export const useCart = (): Contents => useSyncExternalStore(subscribe, () => contents, () => empty);

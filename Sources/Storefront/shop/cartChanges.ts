import { client } from "../common/client";
import type { Cart } from "../common/types";
import { currentLines, reloadCart, show, showChanged } from "./cart";

/** Adds so many more; the first time, this makes a guest of a visitor who has not logged in. */
export async function addToCart(sku: string, quantity: number): Promise<void> {
  if (!client.session.isOpen) await client.guest.ensure();
  showChanged(await client.post<Cart>("/api/v1/cart/items", { sku, quantity }));
}

/** Changes of quantities go to the gateway one after the other: what is asked for last is what stays. */
let newest: Promise<unknown> = Promise.resolve();

/** Sets how many there are, which is shown at once; zero takes the line out, once the gateway has. */
export async function setQuantity(sku: string, quantity: number): Promise<void> {
  if (quantity > 0) show(currentLines().map((line) => (line.sku === sku ? { ...line, quantity } : line)));
  const ask = () => client.put<Cart>(`/api/v1/cart/items/${encodeURIComponent(sku)}`, { quantity });
  const change = newest.then(ask, ask);
  newest = change;
  try {
    const cart = await change;
    // The answer to an earlier change says less than what is shown.
    if (change === newest) showChanged(cart);
  } catch (error) {
    await reloadCart();
    throw error;
  }
}

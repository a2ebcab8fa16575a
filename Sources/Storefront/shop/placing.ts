import { client, newKey } from "../common/client";
import type { Order, ShippingAddress } from "../common/types";
import type { Line } from "./cart";

export interface NewOrder {
  items: { sku: string; quantity: number }[];
  /** Minor units; the gateway refuses when it would cost something else. */
  expected_total: number;
  shipping_address: ShippingAddress;
  payment_method: string;
  clear_cart: true;
}

export const itemsOf = (lines: readonly Line[]) => lines.map(({ sku, quantity }) => ({ sku, quantity }));

const place = "cloudretail.placing";

/**
 * Places an order. The same order again, be it after a reload in the midst of it, carries the same key, so that it is
 * placed once; another order gets another one.
 */
export async function placeOrder(order: NewOrder): Promise<Order> {
  const body = JSON.stringify(order);
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "null") as { key: string; body: string } | null;
  const key = kept?.body === body ? kept.key : newKey();
  sessionStorage.setItem(place, JSON.stringify({ key, body }));
  const placed = await client.post<Order>("/api/v1/orders", order, { idempotencyKey: key });
  sessionStorage.removeItem(place);
  return placed;
}

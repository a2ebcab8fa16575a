import { client, newKey } from "../common/client";
import { isDecided, Problem } from "../common/problem";
import type { Order, ShippingAddress } from "../common/types";
import type { Line } from "./cart";

export interface NewOrder {
  items: { sku: string; quantity: number }[];
  /** Minor units; the gateway refuses when it would cost something else. */
  expected_total: number;
  shipping_address: ShippingAddress;
  payment_method: string;
  clear_cart: true;
  /** Where a guest is reached. */
  email?: string;
}

export const itemsOf = (lines: readonly Line[]) => lines.map(({ sku, quantity }) => ({ sku, quantity }));

/** An order that was sent off, until what came of it is known. It outlasts a reload, and ends with the session. */
interface Sent {
  key: string;
  body: NewOrder;
  /** Whether a guest has sent it, who alone may ask for it again. */
  isGuest: boolean;
  /** Whether no node has said anything of it. */
  isUnanswered: boolean;
  /** The order that was made of it and whose payment is being checked. */
  order?: string;
}

const place = "cloudretail.placing";
const read = () => JSON.parse(sessionStorage.getItem(place) ?? "null") as Sent | null;
const keep = (sent: Sent): void => sessionStorage.setItem(place, JSON.stringify(sent));
const forget = (): void => sessionStorage.removeItem(place);
client.session.subscribe(() => { if (!client.session.isOpen) forget(); });

/** The order of which no node has said yet what came of it. */
export function unansweredOrder(): NewOrder | null {
  const sent = read();
  return sent?.isUnanswered ? sent.body : null;
}

/**
 * Places an order. The same order again carries the same key until its outcome is known, so that it is placed once; after
 * a refusal, and for another order, there is a new one.
 */
export async function placeOrder(order: NewOrder): Promise<Order> {
  const known = read();
  const isSame = known && JSON.stringify(known.body) === JSON.stringify(order);
  const key = isSame ? known.key : newKey();
  const isGuest = isSame ? known.isGuest : !client.session.isOpen;
  const sent: Sent = { key, body: order, isGuest, isUnanswered: true };
  keep(sent);
  try {
    const { status, document } = await client.ask<Order>(
      "POST", "/api/v1/orders", { body: order, idempotencyKey: key, as: isGuest ? "guest" : undefined });
    if (isGuest) client.guest.noteOrder(document.id);
    if (status === 202) keep({ ...sent, isUnanswered: false, order: document.id });
    else forget();
    return document;
  } catch (error) {
    const refused = error instanceof Problem ? error.document.order_id : undefined;
    if (isGuest && refused !== undefined) client.guest.noteOrder(refused);
    if (isDecided(error)) forget();
    else keep({ ...sent, isUnanswered: !(error instanceof Problem) || error.isPassing });
    throw error;
  }
}

/** Takes note that what came of an order is known. */
export function noteOutcome({ id }: Order): void {
  if (read()?.order === id) forget();
}

import type { Money, Order } from "../../common/types";

/** What became of an order, as the overview counts it. */
export type Outcome = "sold" | "refused" | "unpaid" | "open";

export function outcome(order: Order): Outcome {
  if (order.payment.status === "DECLINED" || order.payment.status === "UNAVAILABLE") return "unpaid";
  if (order.status === "REJECTED") return "refused";
  if (order.payment.status === "UNKNOWN" || order.payment.status === "PENDING") return "open";
  return "sold";
}

export const outcomes: readonly { outcome: Outcome; title: string }[] = [
  { outcome: "sold", title: "Sold" },
  { outcome: "open", title: "Payment being checked" },
  { outcome: "refused", title: "Refused" },
  { outcome: "unpaid", title: "Payment failed" },
];

/** When this day began, by the clock of the reader. */
export function beginOfDay(): Date {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}

export interface Hour {
  label: string;
  counts: Record<Outcome, number>;
  /** Minor units of the main currency, less what went back. */
  revenue: number;
}

export interface Day {
  hours: Hour[];
  counts: Record<Outcome, number>;
  orders: number;
  /** Of each currency, the one with the most orders first. */
  revenue: Money[];
  refunded: Money[];
  best: { sku: string; units: number }[];
}

const noCounts = (): Record<Outcome, number> => ({ sold: 0, refused: 0, unpaid: 0, open: 0 });

const kept = (order: Order): number =>
  (outcome(order) === "sold" && order.status !== "CANCELLED" ? (order.total?.amount ?? 0) - (order.refunded_total?.amount ?? 0) : 0);

/** Adds up the orders of today, hour by hour until now. */
export function summarise(orders: readonly Order[]): Day {
  const currencies = new Map<string, { orders: number; revenue: number; refunded: number }>();
  for (const order of orders) {
    if (!order.total) continue;
    const sums = currencies.get(order.total.currency) ?? { orders: 0, revenue: 0, refunded: 0 };
    sums.orders += 1;
    sums.revenue += kept(order);
    sums.refunded += order.refunded_total?.amount ?? 0;
    currencies.set(order.total.currency, sums);
  }
  const sorted = [...currencies].sort(([, one], [, other]) => other.orders - one.orders);
  const main = sorted[0]?.[0];
  const hours: Hour[] = Array.from({ length: new Date().getHours() + 1 }, (_, hour) => (
    { label: `${String(hour).padStart(2, "0")}:00`, counts: noCounts(), revenue: 0 }
  ));
  const counts = noCounts();
  const units = new Map<string, number>();
  for (const order of orders) {
    const what = outcome(order);
    counts[what] += 1;
    const hour = order.placed_at === undefined ? undefined : hours[new Date(order.placed_at).getHours()];
    if (hour) {
      hour.counts[what] += 1;
      if (order.total?.currency === main) hour.revenue += kept(order);
    }
    if (what !== "sold") continue;
    for (const item of order.items) units.set(item.sku, (units.get(item.sku) ?? 0) + item.quantity);
  }
  return {
    hours, counts, orders: orders.length,
    revenue: sorted.map(([currency, sums]) => ({ amount: sums.revenue, currency })),
    refunded: sorted.filter(([, sums]) => sums.refunded > 0).map(([currency, sums]) => ({ amount: sums.refunded, currency })),
    best: [...units].sort(([, one], [, other]) => other - one).slice(0, 8).map(([sku, count]) => ({ sku, units: count })),
  };
}

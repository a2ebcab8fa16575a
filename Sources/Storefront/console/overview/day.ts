import type { Money } from "../../common/types";

/** What became of the orders of an hour, as `GET /api/v1/statistics/orders` counts them. */
export interface Stretch {
  from: string;
  placed: number;
  paid: number;
  /** For want of stock. */
  refused: number;
  declined: number;
  payment_failed: number;
  /** Payments whose outcome was not known at once. */
  payment_unknown: number;
  cancelled: number;
  revenue: Money[];
}

export interface Statistics {
  counted_since: string | null;
  data: Stretch[];
}

type Count = Exclude<keyof Stretch, "from" | "revenue">;

/** How an order can end at its checkout, in the order in which the pieces of a bar stand on each other. */
export const outcomes: readonly { count: Count; title: string; look: string }[] = [
  { count: "paid", title: "Paid", look: "sold" },
  { count: "refused", title: "Sold out", look: "refused" },
  { count: "declined", title: "Declined", look: "unpaid" },
  { count: "payment_failed", title: "Payment failed", look: "failed" },
];

/** What goes wrong with orders. */
export const failures: typeof outcomes = [
  ...outcomes.slice(1), { count: "payment_unknown", title: "Unclear at first", look: "open" },
];

/** When this day began, by the clock of the reader. */
export function beginOfDay(): Date {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}

export const sumOf = (data: readonly Stretch[], count: Count): number => data.reduce((sum, one) => sum + one[count], 0);

/** What was paid in each currency; the largest number of minor units first. */
export function revenueOf(data: readonly Stretch[]): Money[] {
  const sums = new Map<string, number>();
  for (const { amount, currency } of data.flatMap((one) => one.revenue)) {
    sums.set(currency, (sums.get(currency) ?? 0) + amount);
  }
  return [...sums].map(([currency, amount]) => ({ amount, currency })).sort((one, other) => other.amount - one.amount);
}

/** The time of day of a moment, by the clock of the reader. */
export const clock = (time: string): string => {
  const moment = new Date(time);
  return `${String(moment.getHours()).padStart(2, "0")}:${String(moment.getMinutes()).padStart(2, "0")}`;
};

export const hourOf = ({ from }: Stretch): string => clock(from);

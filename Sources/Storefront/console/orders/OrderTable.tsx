import { Badge, type Column, Table } from "../../common/controls";
import { formatMoney, formatTime } from "../../common/money";
import { Link } from "../../common/router";
import type { Order } from "../../common/types";
import { Empty } from "../parts";
import { paymentWords, statusWords } from "./words";

/** The end of an identifier: enough to tell orders of a page from each other. */
export const shortID = (id: string): string => `…${id.slice(-6)}`;

const units = (order: Order): number => order.items.reduce((sum, item) => sum + item.quantity, 0);

/** What matters most comes first: on a telephone the rest is reached by moving the table. */
const columns: Column<Order>[] = [
  { title: "Order", cell: (order) => <Link to={`/console/orders/${order.id}`} aria-label={`Order ${order.id}`}><code>{shortID(order.id)}</code></Link> },
  { title: "Total", isNumber: true, cell: (order) => (order.total ? formatMoney(order.total) : "–") },
  { title: "Status", cell: (order) => <Badge tone={statusWords[order.status].tone}>{statusWords[order.status].text}</Badge> },
  { title: "Payment", cell: (order) => <Badge tone={paymentWords[order.payment.status].tone}>{paymentWords[order.payment.status].text}</Badge> },
];
const placed = (order: Order): string => (order.placed_at ? formatTime(order.placed_at, "short") : "–");
const briefColumns: Column<Order>[] = [...columns, { title: "Placed", cell: placed }];
const allColumns: Column<Order>[] = [
  ...columns,
  { title: "Placed", cell: (order) => <span className="nowrap">{placed(order)}</span> },
  { title: "Units", isNumber: true, cell: units },
  { title: "To", cell: (order) => order.shipping_address?.name ?? "–" },
];

/** @param isBrief whether there is room for the most important columns only. */
export function OrderTable({ caption, orders, isBrief = false }: { caption: string; orders: readonly Order[]; isBrief?: boolean }) {
  if (orders.length === 0) return <Empty>There are no such orders.</Empty>;
  return <Table caption={caption} columns={isBrief ? briefColumns : allColumns} rows={orders} rowKey={(order) => order.id} />;
}

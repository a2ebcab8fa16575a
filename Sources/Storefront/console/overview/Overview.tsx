import { useState } from "react";
import { Skeleton } from "../../common/controls";
import { formatMoney, formatNumber } from "../../common/money";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import type { Order, Page as PageOf } from "../../common/types";
import { ChartTable } from "../charts/ChartTable";
import { type Series, StackedBars } from "../charts/StackedBars";
import { useOnEvent } from "../feed";
import { OrderTable } from "../orders/OrderTable";
import { Failure, Figure, Page, RowSkeletons } from "../parts";
import { Best } from "./Best";
import { beginOfDay, clock, failures, hourOf, outcomes, revenueOf, type Statistics, type Stretch, sumOf } from "./day";

/** The figures are read anew a moment after an event, and so often without one: the node's view of them may follow behind. */
const every = 5_000;
const newestShown = 8;

export function Overview() {
  const [begin] = useState(beginOfDay);
  const from = encodeURIComponent(begin.toISOString());
  const { document: day, error, reload } = useQuery<Statistics>(`/api/v1/statistics/orders?by=hour&from=${from}`, { every });
  useOnEvent((event) => event.type.startsWith("Order") || event.type.includes("Refund"), reload);
  const isPartial = day?.counted_since && new Date(day.counted_since) > begin;
  const currency = day && revenueOf(day.data)[0]?.currency;
  const revenue = (one: Stretch) => one.revenue.find((money) => money.currency === currency)?.amount ?? 0;
  return (
    <Page title="Today">
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      <Figures data={day?.data} since={isPartial ? day.counted_since : null} />
      <HourChart title="Orders by hour" data={day?.data} series={partsOf(outcomes)} format={formatNumber} />
      <div className="columns even">
        <HourChart title="Revenue by hour" data={day?.data}
          series={(data) => [{ title: "Revenue", look: "sold", values: data.map(revenue) }]}
          format={(value) => formatMoney({ amount: value, currency: currency ?? "EUR" })} />
        <HourChart title="Refusals and payment failures by hour" data={day?.data} series={partsOf(failures)} format={formatNumber} />
      </div>
      <div className="columns wide-first">
        <Newest />
        <Best />
      </div>
    </Page>
  );
}

const partsOf = (kinds: typeof outcomes) => (data: readonly Stretch[]): Series[] =>
  kinds.map(({ count, title, look }) => ({ title, look, values: data.map((one) => one[count]) }));

function Figures({ data, since }: {
  data: readonly Stretch[] | undefined;
  /** Where the counted log begins, if that is in the midst of the day. */
  since: string | null | undefined;
}) {
  const orders = data && sumOf(data, "placed");
  const refused = data && sumOf(data, "refused");
  const failed = data && sumOf(data, "declined") + sumOf(data, "payment_failed");
  const money = data && revenueOf(data).map(formatMoney).join(" + ");
  const share = (count: number | undefined) => (orders && count !== undefined ? `${Math.round((count / orders) * 100)} % of all` : undefined);
  const cancelled = data && sumOf(data, "cancelled");
  return (
    <dl className="figures">
      <Figure title="Orders" value={orders === undefined ? undefined : formatNumber(orders)}
        note={[since && `since ${clock(since)}`, cancelled && `${formatNumber(cancelled)} cancelled`].filter(Boolean).join(", ")} />
      <Figure title="Revenue" value={money === "" ? "None yet" : money} note="before refunds" />
      <Figure title="Refused" value={refused === undefined ? undefined : formatNumber(refused)} note={share(refused)} />
      <Figure title="Payment failures" value={failed === undefined ? undefined : formatNumber(failed)} note={share(failed)}
        tone={orders && failed && failed / orders > 0.2 ? "bad" : "plain"} />
    </dl>
  );
}

interface HourChartProperties {
  title: string;
  data: readonly Stretch[] | undefined;
  series: (data: readonly Stretch[]) => Series[];
  format: (value: number) => string;
}

function HourChart({ title, data, series, format }: HourChartProperties) {
  const properties = data && { title, labels: data.map(hourOf), series: series(data), format };
  return (
    <section className="card stack" aria-label={title}>
      <div className="spread">
        <h2>{title}</h2>
      </div>
      {properties ? <StackedBars {...properties} /> : <Skeleton height="220px" />}
      <div className="legend small">
        {properties && properties.series.length > 1
          ? properties.series.map((one) => <span key={one.title} className={`key ${one.look}`}>{one.title}</span>)
          : <span>{"\u00a0"}</span>}
      </div>
      {properties ? <ChartTable first="From" {...properties} /> : <Skeleton height="21px" width="170px" />}
    </section>
  );
}

function Newest() {
  const { document: page, reload } = useQuery<PageOf<Order>>(`/api/v1/orders?limit=${newestShown}`);
  useOnEvent((event) => event.type.startsWith("Order"), reload);
  return (
    <section className="card stack" aria-labelledby="newest">
      <div className="spread"><h2 id="newest">Newest orders</h2><Link to="/console/orders" className="small">All orders</Link></div>
      {page ? <OrderTable caption="The newest orders" orders={page.data} isBrief /> : <RowSkeletons />}
    </section>
  );
}

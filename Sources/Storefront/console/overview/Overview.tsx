import { useCallback, useEffect, useState } from "react";
import { Notice, Skeleton } from "../../common/controls";
import { formatMoney, formatNumber } from "../../common/money";
import { Link } from "../../common/router";
import type { Money, Order } from "../../common/types";
import { readPages } from "../asking";
import { useOnEvent } from "../feed";
import { OrderTable } from "../orders/OrderTable";
import { Failure, Figure, Page, RowSkeletons } from "../parts";
import { beginOfDay, type Day, outcomes, summarise } from "./day";
import { ChartTable, StackedBars } from "./StackedBars";

/** Pages of 200 orders: beyond 4,000 a browser is the wrong place to add up a day. */
const pagesMax = 20;

interface Today {
  orders: Order[];
  isWhole: boolean;
}

/** Today's orders, read anew a moment after something has happened to one. */
function useToday() {
  const [today, setToday] = useState<Today>();
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  useOnEvent((event) => event.type.startsWith("Order") || event.type.includes("Refund"), reload);
  useEffect(() => {
    const stop = new AbortController();
    const begin = beginOfDay();
    const isEarlier = (order: Order) => order.placed_at !== undefined && new Date(order.placed_at) < begin;
    readPages<Order>("/api/v1/orders?limit=200", pagesMax, stop.signal, (page) => page.some(isEarlier))
      .then(({ elements, isWhole }) => {
        setToday({ orders: elements.filter((order) => !isEarlier(order)), isWhole });
        setError(undefined);
      })
      .catch((failure: unknown) => { if (!stop.signal.aborted) setError(failure); });
    return () => stop.abort();
  }, [round]);
  return { today, error, reload };
}

export function Overview() {
  const { today, error, reload } = useToday();
  const day = today && summarise(today.orders);
  return (
    <Page title="Today">
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {today?.isWhole === false && (
        <Notice tone="warn">The figures are those of the newest {formatNumber(today.orders.length)} orders; there were more today.</Notice>
      )}
      <Figures day={day} />
      <div className="columns even">
        <HourChart title="Orders by hour" day={day} series={(one) => outcomes.map(({ outcome, title }) => (
          { title, look: outcome, values: one.hours.map((hour) => hour.counts[outcome]) }
        ))} format={formatNumber} />
        <HourChart title="Revenue by hour" day={day} series={(one) => [
          { title: "Revenue", look: "sold", values: one.hours.map((hour) => Math.max(0, hour.revenue)) },
        ]} format={(value) => formatMoney({ amount: value, currency: day?.revenue[0]?.currency ?? "EUR" })} />
      </div>
      <div className="columns wide-first">
        <section className="card stack" aria-labelledby="newest">
          <div className="spread"><h2 id="newest">Newest orders</h2><Link to="/console/orders" className="small">All orders</Link></div>
          {today ? <OrderTable caption="The newest orders of today" orders={today.orders.slice(0, 8)} isBrief /> : <RowSkeletons />}
        </section>
        <Best day={day} />
      </div>
    </Page>
  );
}

const sum = (amounts: readonly Money[]) => amounts.map(formatMoney).join(" + ");

function Figures({ day }: { day: Day | undefined }) {
  const rest = day?.refunded.length ? `${sum(day.refunded)} given back` : undefined;
  const share = (count: number) => (day && day.orders > 0 ? `${Math.round((count / day.orders) * 100)} % of all` : undefined);
  const open = day && day.counts.open > 0 ? `${day.counts.open} with a payment being checked` : undefined;
  return (
    <dl className="figures">
      <Figure title="Orders" value={day && formatNumber(day.orders)} note={open} />
      <Figure title="Revenue" value={day && (day.revenue.length > 0 ? sum(day.revenue) : "None yet")} note={rest} />
      <Figure title="Refused" value={day && formatNumber(day.counts.refused)} note={day && share(day.counts.refused)} />
      <Figure title="Payment failures" value={day && formatNumber(day.counts.unpaid)} note={day && share(day.counts.unpaid)}
        tone={day && day.orders > 0 && day.counts.unpaid / day.orders > 0.2 ? "bad" : "plain"} />
    </dl>
  );
}

interface HourChartProperties {
  title: string;
  day: Day | undefined;
  series: (day: Day) => { title: string; look: string; values: number[] }[];
  format: (value: number) => string;
}

function HourChart({ title, day, series, format }: HourChartProperties) {
  const properties = day && { title, labels: day.hours.map((hour) => hour.label), series: series(day), format };
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
      {properties ? <ChartTable {...properties} /> : <Skeleton height="21px" width="170px" />}
    </section>
  );
}

function Best({ day }: { day: Day | undefined }) {
  const most = Math.max(1, ...day?.best.map((one) => one.units) ?? []);
  return (
    <section className="card stack" aria-labelledby="best">
      <h2 id="best">Sold most today</h2>
      {!day && <RowSkeletons />}
      {day?.best.length === 0 && <p className="muted">Nothing has been sold today.</p>}
      <ol className="best">
        {day?.best.map((one) => (
          <li key={one.sku}>
            <div className="spread small">
              <Link to={`/console/stock/${encodeURIComponent(one.sku)}`}>{one.sku}</Link>
              <span className="number">{formatNumber(one.units)}</span>
            </div>
            <svg className="meter" width="100%" height="6" aria-hidden="true">
              <rect className="rest" width="100%" height="6" rx="3" />
              <rect className="bar" width={`${(one.units / most) * 100}%`} height="6" rx="3" />
            </svg>
          </li>
        ))}
      </ol>
    </section>
  );
}

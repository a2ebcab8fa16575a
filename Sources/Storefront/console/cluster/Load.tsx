import { Skeleton } from "../../common/controls";
import { formatNumber } from "../../common/money";
import type { Cluster } from "../../common/types";
import { ChartTable } from "../charts/ChartTable";
import { Lines } from "../charts/Lines";
import { type Busyness, type Look, looksMax } from "./looks";

export const formatRate = (value: number): string => formatNumber(Math.round(value * 10) / 10);
export const formatWait = (value: number): string => `${formatNumber(Math.round(value * 10) / 10)} ms`;

/** How busy each node is, as lines that come to an end where a node does. */
export function Load({ cluster, looks }: { cluster: Cluster | undefined; looks: readonly Look[] }) {
  return (
    <div className="columns even">
      <LoadChart title="Requests a second" cluster={cluster} looks={looks} value={(one) => one.requests} format={formatRate} />
      <LoadChart title="Commit latency" cluster={cluster} looks={looks} value={(one) => one.commit} format={formatWait} />
    </div>
  );
}

function LoadChart({ title, cluster, looks, value, format }: {
  title: string;
  cluster: Cluster | undefined;
  looks: readonly Look[];
  value: (one: Busyness) => number | null;
  format: (value: number) => string;
}) {
  const labels = looks.map(({ at }) => at);
  const series = cluster?.nodes.map(({ id }, index) => ({
    title: `Node ${id}`, look: `trace-${index % 5}`,
    values: looks.map(({ nodes }) => { const one = nodes.get(id); return one ? value(one) : null; }),
  }));
  return (
    <section className="card stack" aria-label={title}>
      <h2>{title}</h2>
      {series ? <Lines title={`${title} of each node`} labels={labels} series={series} places={looksMax} format={format} />
        : <Skeleton height="180px" />}
      <div className="legend small">
        {series?.map((one) => <span key={one.title} className={`key ${one.look}`}>{one.title}</span>)}
      </div>
      {series && <ChartTable title={title} first="At" labels={labels} series={series} format={format} />}
    </section>
  );
}

import { useEffect, useRef, useState } from "react";
import { Badge, Notice, Skeleton, Table } from "../../common/controls";
import { formatNumber } from "../../common/money";
import { useQuery } from "../../common/query";
import type { Cluster as ClusterDocument } from "../../common/types";
import { useIsAdmin } from "../account";
import { StackedBars } from "../charts/StackedBars";
import { Failure, Figure, Page } from "../parts";
import { Checks } from "./Checks";
import { Load } from "./Load";
import { useLooks } from "./looks";
import { Picture } from "./Picture";
import { changes, shardViews } from "./view";

/** How often the nodes are asked. */
const interval = 1000;
const historyMax = 60;

interface History {
  /** Entries committed per second, oldest first. */
  rates: readonly { at: string; value: number }[];
  news: readonly { at: string; text: string }[];
}

/** What one look after the other shows: how fast entries are committed, and what has changed. */
function useHistory(cluster: ClusterDocument | undefined): History {
  const [history, setHistory] = useState<History>({ rates: [], news: [] });
  const last = useRef<{ cluster: ClusterDocument; at: number }>();
  useEffect(() => {
    if (!cluster) return;
    const now = Date.now();
    const before = last.current;
    last.current = { cluster, at: now };
    if (!before || before.cluster === cluster) return;
    const sum = (one: ClusterDocument) => shardViews(one).reduce((total, shard) => total + shard.committed, 0);
    const seconds = Math.max(0.2, (now - before.at) / 1000);
    const rate = Math.max(0, Math.round((sum(cluster) - sum(before.cluster)) / seconds));
    const at = new Date(now).toLocaleTimeString();
    const news = changes(before.cluster, cluster).map((text) => ({ at, text }));
    setHistory((known) => ({
      rates: [...known.rates.slice(1 - historyMax), { at, value: rate }],
      news: [...news.reverse(), ...known.news].slice(0, 12),
    }));
  }, [cluster]);
  return history;
}

export function Cluster() {
  const isAdmin = useIsAdmin();
  const query = useQuery<ClusterDocument>(isAdmin ? "/api/v1/cluster" : null, { every: interval });
  const history = useHistory(query.document);
  const looks = useLooks(query.document);
  if (!isAdmin) {
    return <Page title="Cluster"><Notice>How the nodes are is shown to administrators only.</Notice></Page>;
  }
  const cluster = query.document;
  const shards = cluster && shardViews(cluster);
  const lag = shards && Math.max(0, ...shards.flatMap((shard) => shard.replicas.filter((one) => one.role !== "unknown").map((one) => one.lag)));
  const isLed = shards?.every((shard) => shard.leader !== null);
  const rate = history.rates[history.rates.length - 1]?.value;
  return (
    <Page title="Cluster">
      {query.error !== undefined && <Failure error={query.error} onRetry={query.reload} />}
      <dl className="figures">
        <Figure title="Nodes ready" value={cluster && `${cluster.nodes.filter((node) => node.ready).length} of ${cluster.nodes.length}`}
          tone={cluster?.nodes.every((node) => node.ready) === false ? "bad" : "plain"} />
        <Figure title="Shards led" value={shards && `${shards.filter((shard) => shard.leader !== null).length} of ${shards.length}`}
          tone={isLed === false ? "bad" : "plain"} />
        <Figure title="Largest lag" value={lag === undefined ? undefined : formatNumber(lag)} note="entries" />
        <Figure title="Committed" value={rate === undefined ? (cluster && "–") : formatNumber(rate)} note="entries a second" />
      </dl>
      <section className="card stack" aria-labelledby="picture">
        <h2 id="picture">Nodes and shards</h2>
        {cluster && shards ? <Picture cluster={cluster} shards={shards} now={looks[looks.length - 1]} /> : <Skeleton height="222px" />}
        <p className="small muted legend-line">The ring is on the leader of a shard; a bar that is not full shows what a replica is behind.</p>
      </section>
      <Load cluster={cluster} looks={looks} />
      <div className="columns">
        <section className="card stack" aria-labelledby="rate">
          <h2 id="rate">Entries committed a second</h2>
          {history.rates.length > 1 ? (
            <StackedBars title="Entries committed a second, in the last minute" height={160} format={formatNumber}
              labels={history.rates.map((one) => one.at)}
              series={[{ title: "Entries", look: "sold", values: history.rates.map((one) => one.value) }]} />
          ) : <Skeleton height="160px" />}
        </section>
        <section className="card stack" aria-labelledby="news">
          <h2 id="news">What has changed</h2>
          <div role="log" aria-label="Changes">
            <ul className="news">
              {history.news.map((one) => <li key={one.at + one.text}><time className="muted">{one.at}</time> {one.text}</li>)}
            </ul>
          </div>
          {history.news.length === 0 && <p className="muted">Nothing since this page was opened.</p>}
        </section>
      </div>
      {cluster && <Checks nodes={cluster.nodes} />}
      {cluster && shards && <Replicas cluster={cluster} shards={shards} />}
    </Page>
  );
}

function Replicas({ cluster, shards }: { cluster: ClusterDocument; shards: ReturnType<typeof shardViews> }) {
  const rows = shards.flatMap((shard) => shard.replicas.map((replica) => ({ ...replica, term: shard.term })));
  return (
    <section className="card stack" aria-labelledby="replicas">
      <h2 id="replicas">Replicas</h2>
      <Table caption="Each replica of each shard" rows={rows} rowKey={(row) => `${row.shard} ${row.node}`} columns={[
        { title: "Shard", isNumber: true, cell: (row) => row.shard },
        { title: "Node", cell: (row) => `${row.node} ${cluster.nodes.find((node) => node.id === row.node)?.http ?? ""}` },
        {
          title: "Role", cell: (row) => (
            <Badge tone={row.role === "leader" ? "good" : row.role === "unknown" ? "bad" : "plain"}>{row.role}</Badge>
          ),
        },
        { title: "Term", isNumber: true, cell: (row) => row.term },
        { title: "Committed", isNumber: true, cell: (row) => formatNumber(row.committed) },
        { title: "Applied", isNumber: true, cell: (row) => formatNumber(row.applied) },
        { title: "Lag", isNumber: true, cell: (row) => (row.role === "unknown" ? "–" : formatNumber(row.lag)) },
      ]} />
    </section>
  );
}

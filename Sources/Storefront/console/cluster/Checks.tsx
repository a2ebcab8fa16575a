import { Badge, Table, type Tone } from "../../common/controls";
import { Link } from "../../common/router";
import type { Cluster } from "../../common/types";
import { type Check, useNodeChecks } from "./nodeChecks";

const tones: Record<Check["status"], Tone> = { good: "good", degraded: "warn", failing: "bad" };

interface Row {
  node: number;
  isHeardOf: boolean;
  checks: readonly Check[] | null | undefined;
}

/** What each node says of itself: of its log, and of the payment provider, whose calls its circuit breaker lets through or not. */
export function Checks({ nodes }: { nodes: Cluster["nodes"] }) {
  const told = useNodeChecks(nodes);
  const rows = nodes.map<Row>(({ id, ready }) => ({ node: id, isHeardOf: ready, checks: told.get(id) }));
  const breaker = (check: Check | undefined) => (
    <>
      <Status check={check} />
      {check && <span className="small muted block">{check.status === "good" ? "Circuit breaker closed" : "Circuit breaker open: no payment is tried"}</span>}
    </>
  );
  const find = ({ checks }: Row, name: string) => checks?.find((check) => check.name === name);
  const details = ({ checks }: Row) => checks?.map((check) => check.detail).filter(Boolean).join(" ");
  return (
    <section className="card stack" aria-labelledby="checks">
      <div className="spread"><h2 id="checks">Checks</h2><Link to="/console/payments" className="small">Payment simulator</Link></div>
      <Table caption="Checks of each node" rows={rows} rowKey={(row) => String(row.node)} columns={[
        { title: "Node", cell: (row) => row.node },
        { title: "State", cell: (row) => (row.isHeardOf && row.checks !== null ? <Status check={find(row, "node")} /> : <Badge tone="bad">no answer</Badge>) },
        { title: "Log", cell: (row) => <Status check={find(row, "log")} /> },
        { title: "Payment provider", cell: (row) => breaker(find(row, "payments")) },
        { title: "What is told", cell: (row) => details(row) || "–" },
      ]} />
    </section>
  );
}

function Status({ check }: { check: Check | undefined }) {
  return check ? <Badge tone={tones[check.status]}>{check.status}</Badge> : <>–</>;
}

import { Badge, Button, Table } from "../../common/controls";
import { client } from "../../common/client";
import { formatNumber, formatTime } from "../../common/money";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import { toast } from "../../common/toast";
import type { Inventory } from "../../common/types";
import { useAction, useList } from "../asking";
import { useOnEvent } from "../feed";
import { Empty, Failure, Figure, Page, RowSkeletons } from "../parts";
import { StockSteps } from "./StockSteps";
import { type Movement, movementWords, onHandChange, openHolds } from "./types";

/** One SKU: what there is of it, what holds it, and everything that has moved it. */
export function StockPage({ sku }: { sku: string }) {
  const path = `/api/v1/inventory/${encodeURIComponent(sku)}`;
  const stock = useQuery<Inventory>(path);
  const ledger = useList<Movement>(`${path}/movements?limit=100`);
  const reload = () => {
    stock.reload();
    ledger.reload();
  };
  useOnEvent((event) => event.subject === sku || (event.data as { sku?: string } | null)?.sku === sku, reload);
  const figure = (value: number | undefined) => (value === undefined ? (stock.error !== undefined ? "–" : undefined) : formatNumber(value));
  return (
    <Page title={sku} above={<Link to="/console/stock">Stock</Link>}>
      {stock.error !== undefined && <Failure error={stock.error} onRetry={reload} />}
      <dl className="figures three">
        <Figure title="On hand" value={figure(stock.document?.on_hand)} />
        <Figure title="Held" value={figure(stock.document?.reserved)} />
        <Figure title="Free" value={figure(stock.document?.available)} tone={stock.document?.available === 0 ? "bad" : "plain"} />
      </dl>
      {stock.document ? <StockSteps stock={stock.document} tag={stock.tag} reload={reload} /> : <div className="steps-space" />}
      <Holds sku={sku} ledger={ledger.elements} reload={reload} reserved={stock.document?.reserved ?? 0} />
      <section className="card stack" aria-labelledby="ledger">
        <h2 id="ledger">Ledger</h2>
        {ledger.error !== undefined && <Failure error={ledger.error} onRetry={ledger.reload} />}
        {ledger.elements ? <Ledger movements={ledger.elements} onHand={ledger.elements[0]?.version === stock.document?.version ? stock.document?.on_hand : undefined} />
          : ledger.error === undefined && <RowSkeletons />}
        {ledger.hasMore && <div><Button look="quiet" isBusy={ledger.isLoading} onClick={ledger.more}>Show earlier ones</Button></div>}
      </section>
    </Page>
  );
}

interface LedgerRow extends Movement {
  after: number | null;
}

/** Counts back from what there is now. */
function withCounts(movements: readonly Movement[], onHand: number | undefined): LedgerRow[] {
  let count = onHand;
  return movements.map((movement) => {
    const after = count ?? null;
    if (count !== undefined) count -= onHandChange(movement);
    return { ...movement, after };
  });
}

function Ledger({ movements, onHand }: { movements: readonly Movement[]; onHand: number | undefined }) {
  if (movements.length === 0) return <Empty>Nothing has moved this stock.</Empty>;
  return (
    <Table caption="Movements of the stock" rows={withCounts(movements, onHand)} rowKey={(row) => String(row.version)} columns={[
      { title: "When", cell: (row) => <span className="nowrap">{formatTime(row.at, "short")}</span> },
      { title: "What", cell: (row) => movementWords[row.type] },
      { title: "Units", isNumber: true, cell: (row) => units(row) },
      { title: "On hand after", isNumber: true, cell: (row) => (row.after === null ? "–" : formatNumber(row.after)) },
      { title: "Because", cell: (row) => [row.reason?.replace("_", " "), row.note, row.reference].filter(Boolean).join(" · ") || <Because row={row} /> },
    ]} />
  );
}

function units(row: Movement): string {
  const change = onHandChange(row);
  if (change === 0) return formatNumber(row.quantity ?? 0);
  return change > 0 ? `+${formatNumber(change)}` : `−${formatNumber(-change)}`;
}

function Because({ row }: { row: Movement }) {
  const id = row.reservation_id;
  if (id?.startsWith("ord_")) return <Link to={`/console/orders/${id}`}>Order <code>…{id.slice(-6)}</code></Link>;
  return <>{id === undefined ? "–" : <code>…{id.slice(-6)}</code>}</>;
}

interface HoldsProperties {
  sku: string;
  ledger: readonly Movement[] | undefined;
  reload: () => void;
  reserved: number;
}

function Holds({ sku, ledger, reload, reserved }: HoldsProperties) {
  const action = useAction();
  const open = openHolds(ledger ?? []);
  const known = open.reduce((sum, hold) => sum + (hold.quantity ?? 0), 0);
  if (reserved === 0) return null;
  const path = (hold: Movement) => `/api/v1/inventory/${encodeURIComponent(sku)}/reservations/${hold.reservation_id ?? ""}`;
  const act = async (work: () => Promise<unknown>, words: string) => {
    const isDone = await action.run(async () => { await work(); });
    if (isDone) toast(words);
    reload();
  };
  return (
    <section className="card stack" aria-labelledby="holds">
      <h2 id="holds">Reservations</h2>
      {action.error !== undefined && <Failure error={action.error} />}
      <Table caption="What is held" rows={open} rowKey={(hold) => hold.reservation_id ?? ""} columns={[
        { title: "Since", cell: (hold) => <span className="nowrap">{formatTime(hold.at, "short")}</span> },
        { title: "For", cell: (hold) => <Because row={hold} /> },
        { title: "Units", isNumber: true, cell: (hold) => formatNumber(hold.quantity ?? 0) },
        { title: "Until", cell: (hold) => (hold.until ? <span className="nowrap">{formatTime(hold.until, "short")}</span> : "–") },
        {
          title: "Steps", cell: (hold) => (hold.reservation_id?.startsWith("hld_")
            ? (
              <span className="row">
                <Button look="plain" disabled={action.isBusy} onClick={() => void act(() => client.delete(path(hold)), "The units are given up.")}>Give up</Button>
                <Button look="plain" disabled={action.isBusy} onClick={() => void act(() => client.post(`${path(hold)}/fulfill`), "The units have left the stock.")}>Take out</Button>
              </span>
            )
            : <Badge>by an order</Badge>),
        },
      ]} />
      {known < reserved && <p className="small muted">{formatNumber(reserved - known)} more units are held by reservations further back in the ledger.</p>}
    </section>
  );
}

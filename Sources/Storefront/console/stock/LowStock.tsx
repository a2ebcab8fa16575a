import { useEffect, useState } from "react";
import { Notice, TextField } from "../../common/controls";
import { formatNumber } from "../../common/money";
import { Link } from "../../common/router";
import type { Inventory } from "../../common/types";
import { readPages } from "../asking";
import { useOnEvent } from "../feed";
import { Failure, Page, RowSkeletons } from "../parts";
import { StockTable } from "./Stock";

/** Pages of 200 SKUs that are looked through. */
const pagesMax = 25;

/** The SKUs of which few are left, fewest first. */
export function LowStock() {
  const [most, setMost] = useState(10);
  const [stock, setStock] = useState<{ elements: Inventory[]; isWhole: boolean }>();
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  const reload = () => setRound((count) => count + 1);
  useOnEvent((event) => event.type.startsWith("Stock"), reload);
  useEffect(() => {
    const stop = new AbortController();
    readPages<Inventory>("/api/v1/inventory?limit=200", pagesMax, stop.signal)
      .then((read) => {
        setStock(read);
        setError(undefined);
      })
      .catch((failure: unknown) => { if (!stop.signal.aborted) setError(failure); });
    return () => stop.abort();
  }, [round]);
  const low = stock?.elements.filter((one) => one.available <= most).sort((one, other) => one.available - other.available);
  return (
    <Page title="Low stock" above={<Link to="/console/stock">Stock</Link>}>
      <div className="filters">
        <div className="currency">
          <TextField label="Units left, at most" type="number" min={0} max={100000} value={most}
            onChange={(event) => setMost(Math.max(0, Number(event.target.value)))} />
        </div>
      </div>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {stock?.isWhole === false && (
        <Notice tone="warn">The first {formatNumber(stock.elements.length)} SKUs were looked through; there are more.</Notice>
      )}
      {low ? <StockTable caption="Low stock" stock={low} none="Nothing is that low." /> : error === undefined && <RowSkeletons rows={12} />}
    </Page>
  );
}

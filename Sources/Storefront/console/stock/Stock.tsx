import type { FormEvent } from "react";
import { Badge, Button, formValues, Table, TextField } from "../../common/controls";
import { formatNumber } from "../../common/money";
import { Link, navigate } from "../../common/router";
import type { Inventory } from "../../common/types";
import { useList } from "../asking";
import { Empty, Failure, Page, RowSkeletons } from "../parts";

/** The stock of every SKU that has moved, by SKU. */
export function Stock() {
  const list = useList<Inventory>("/api/v1/inventory?limit=100");
  const open = (event: FormEvent<HTMLFormElement>) => {
    const { sku } = formValues(event);
    if (sku !== undefined) navigate(`/console/stock/${encodeURIComponent(sku)}`);
  };
  return (
    <Page title="Stock" actions={<Link className="button quiet" to="/console/low-stock">Low stock</Link>}>
      <div className="filters">
        <form className="search" onSubmit={open}>
          <TextField label="SKU" name="sku" required maxLength={64} autoComplete="off" spellCheck={false} />
          <Button type="submit" look="quiet">Open</Button>
        </form>
      </div>
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {list.elements ? <StockTable caption="Stock" stock={list.elements} none="Nothing has been received yet." /> : list.error === undefined && <RowSkeletons rows={12} />}
      {list.hasMore && <div><Button look="quiet" isBusy={list.isLoading} onClick={list.more}>Show more</Button></div>}
    </Page>
  );
}

export function StockTable({ caption, stock, none }: {
  caption: string;
  stock: readonly Inventory[];
  /** What is said where there is no stock to show. */
  none: string;
}) {
  if (stock.length === 0) return <Empty>{none}</Empty>;
  return (
    <Table caption={caption} rows={stock} rowKey={(one) => one.sku} columns={[
      { title: "SKU", cell: (one) => <Link to={`/console/stock/${encodeURIComponent(one.sku)}`}>{one.sku}</Link> },
      { title: "On hand", isNumber: true, cell: (one) => formatNumber(one.on_hand) },
      { title: "Held", isNumber: true, cell: (one) => formatNumber(one.reserved) },
      { title: "Free", isNumber: true, cell: (one) => formatNumber(one.available) },
      { title: "State", cell: (one) => state(one.available) },
    ]} />
  );
}

const lowMax = 10;

function state(available: number) {
  if (available === 0) return <Badge tone="bad">Sold out</Badge>;
  return available <= lowMax ? <Badge tone="warn">Low</Badge> : <Badge tone="good">In stock</Badge>;
}

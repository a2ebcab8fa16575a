import { type FormEvent, useState } from "react";
import { client } from "../../common/client";
import { Button, formValues, Notice, Table, TextField } from "../../common/controls";
import { formatTime } from "../../common/money";
import { Link, navigate } from "../../common/router";
import type { Account, Order, Page as PageOf } from "../../common/types";
import { useAction, useList } from "../asking";
import { Empty, Failure, Page, RowSkeletons } from "../parts";

/** Finds a customer by the address, and shows who has ordered lately. */
export function Customers() {
  const action = useAction();
  const [missing, setMissing] = useState<string | null>(null);
  const recent = useList<Order>("/api/v1/orders?limit=100");
  const find = async (event: FormEvent<HTMLFormElement>) => {
    const { email = "" } = formValues(event);
    setMissing(null);
    if (email.startsWith("cus_")) return navigate(`/console/customers/${encodeURIComponent(email)}`);
    await action.run(async () => {
      const { data } = await client.get<PageOf<Account>>(`/api/v1/accounts?email=${encodeURIComponent(email)}`);
      if (data[0]) navigate(`/console/customers/${data[0].id}`);
      else setMissing(email);
    });
    return undefined;
  };
  return (
    <Page title="Customers">
      <div className="filters">
        <form className="search" onSubmit={(event) => void find(event)}>
          <TextField label="E-mail address or number" name="email" required maxLength={254} autoComplete="off" spellCheck={false} />
          <Button type="submit" look="quiet" isBusy={action.isBusy}>Find</Button>
        </form>
      </div>
      {missing !== null && <Notice tone="warn">No account has the address {missing}.</Notice>}
      {action.error !== undefined && <Failure error={action.error} />}
      <section className="stack" aria-labelledby="recent">
        <h2 id="recent">Ordered lately</h2>
        {recent.error !== undefined && <Failure error={recent.error} onRetry={recent.reload} />}
        {recent.elements ? <Buyers orders={recent.elements} /> : recent.error === undefined && <RowSkeletons />}
      </section>
    </Page>
  );
}

interface Buyer {
  id: string;
  name: string;
  orders: number;
  last: string;
}

function buyers(orders: readonly Order[]): Buyer[] {
  const found = new Map<string, Buyer>();
  for (const order of orders) {
    if (order.customer_id === undefined) continue;
    const buyer = found.get(order.customer_id)
      ?? { id: order.customer_id, name: order.shipping_address?.name ?? "–", orders: 0, last: order.placed_at ?? "" };
    buyer.orders += 1;
    found.set(buyer.id, buyer);
  }
  return [...found.values()];
}

function Buyers({ orders }: { orders: readonly Order[] }) {
  if (orders.length === 0) return <Empty>No order has been placed yet.</Empty>;
  return (
    <>
      <Table caption="Customers who have ordered lately" rows={buyers(orders)} rowKey={(buyer) => buyer.id} columns={[
        { title: "Customer", cell: (buyer) => <Link to={`/console/customers/${buyer.id}`} aria-label={`Customer ${buyer.id}`}><code>…{buyer.id.slice(-6)}</code></Link> },
        { title: "Ships to", cell: (buyer) => buyer.name },
        { title: "Orders", isNumber: true, cell: (buyer) => buyer.orders },
        { title: "Last", cell: (buyer) => (buyer.last ? <span className="nowrap">{formatTime(buyer.last, "short")}</span> : "–") },
      ]} />
      <p className="small muted">{orders.length === 1 ? "Out of one order." : `Out of the newest ${orders.length} orders.`} Accounts are found by their address; there is no list of all.</p>
    </>
  );
}

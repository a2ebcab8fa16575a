import { addressLines } from "../../common/address";
import { Badge, Skeleton, Table } from "../../common/controls";
import { formatMoney, formatTime } from "../../common/money";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import type { Order } from "../../common/types";
import { useOnEvent } from "../feed";
import { Failure, Page } from "../parts";
import { OrderSteps } from "./OrderSteps";
import { shortID } from "./OrderTable";
import { paymentWords, statusWords } from "./words";

export function OrderPage({ id }: { id: string }) {
  const query = useQuery<Order>(`/api/v1/orders/${encodeURIComponent(id)}`);
  useOnEvent((event) => event.subject === id, query.reload);
  const order = query.document;
  return (
    <Page title={`Order ${shortID(id)}`} above={<Link to="/console/orders">Orders</Link>}>
      {query.error !== undefined && <Failure error={query.error} onRetry={query.reload} />}
      {order && <Whole order={order} tag={query.tag} reload={query.reload} />}
      {query.isLoading && <Skeleton height="420px" />}
    </Page>
  );
}

function Whole({ order, tag, reload }: { order: Order; tag: string | null; reload: () => void }) {
  const currency = order.total?.currency ?? "EUR";
  const money = (amount: number) => formatMoney({ amount, currency });
  return (
    <>
      <div className="row">
        <Badge tone={statusWords[order.status].tone}>{statusWords[order.status].text}</Badge>
        <span className="small muted">Payment</span>
        <Badge tone={paymentWords[order.payment.status].tone}>{paymentWords[order.payment.status].text}</Badge>
      </div>
      <OrderSteps order={order} tag={tag} reload={reload} />
      <div className="columns wide-first">
        <section className="card stack" aria-labelledby="items">
          <h2 id="items">Items</h2>
          <Table caption="Items of the order" rows={order.items} rowKey={(item) => `${item.sku} ${item.unit_price}`} columns={[
            { title: "SKU", cell: (item) => <Link to={`/console/stock/${encodeURIComponent(item.sku)}`}>{item.sku}</Link> },
            { title: "Units", isNumber: true, cell: (item) => item.quantity },
            { title: "Each", isNumber: true, cell: (item) => money(item.unit_price) },
            { title: "Together", isNumber: true, cell: (item) => money(item.line_total) },
          ]} />
          <dl className="sums">
            <dt>Total</dt><dd>{order.total ? formatMoney(order.total) : "–"}</dd>
            {order.refunded_total && <><dt>Given back</dt><dd>{formatMoney(order.refunded_total)}</dd></>}
          </dl>
          {order.refunds && <Refunds order={order} money={money} />}
        </section>
        <Particulars order={order} />
      </div>
    </>
  );
}

function Refunds({ order, money }: { order: Order; money: (amount: number) => string }) {
  return (
    <>
      <h3>Refunds</h3>
      <Table caption="Refunds" rows={order.refunds ?? []} rowKey={(refund) => refund.id} columns={[
        { title: "When", cell: (refund) => <span className="nowrap">{formatTime(refund.updated_at, "short")}</span> },
        { title: "Of", cell: (refund) => refund.lines.map((line) => `${line.quantity} × ${line.sku}`).join(", ") || "a sum of money" },
        { title: "Amount", isNumber: true, cell: (refund) => money(refund.amount) },
        {
          title: "State", cell: (refund) => (refund.status === "REFUNDED"
            ? <Badge tone="good">Confirmed</Badge> : <Badge tone="warn">Under way</Badge>),
        },
      ]} />
    </>
  );
}

function Particulars({ order }: { order: Order }) {
  const address = order.shipping_address;
  return (
    <section className="card stack" aria-labelledby="particulars">
      <h2 id="particulars">Particulars</h2>
      <dl className="facts">
        <dt>Number</dt><dd><code>{order.id}</code></dd>
        <dt>Placed</dt><dd>{order.placed_at ? formatTime(order.placed_at) : "–"}</dd>
        <dt>Customer</dt>
        <dd>{order.customer_id
          ? <Link to={`/console/customers/${order.customer_id}`} aria-label={`Customer ${order.customer_id}`}><code>{shortID(order.customer_id)}</code></Link> : "–"}
        {order.placed_by !== undefined && order.placed_by !== order.customer_id && <span className="muted"> placed by staff</span>}</dd>
        <dt>Ships to</dt>
        <dd>{address ? <address>{addressLines(address).map((line) => <span key={line}>{line}</span>)}</address> : "No address"}</dd>
        <dt>Tracking</dt><dd>{order.tracking ? <code>{order.tracking}</code> : "None"}</dd>
        {order.former_trackings?.map((former) => (
          <div key={former.tracking + former.replaced_at} className="former">
            <dt>Before</dt><dd><s><code>{former.tracking}</code></s> <span className="muted">until {formatTime(former.replaced_at, "short")}</span></dd>
          </div>
        ))}
        <dt>Charge</dt><dd>{order.payment.charge_id ? <code>{order.payment.charge_id}</code> : "None"}</dd>
      </dl>
    </section>
  );
}

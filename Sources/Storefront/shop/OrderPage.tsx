import { type FormEvent, useEffect, useState } from "react";
import { addressLines } from "../common/address";
import { client } from "../common/client";
import { Badge, Button, Dialog, formValues, Notice, Skeleton, TextField } from "../common/controls";
import { formatMoney, formatTime } from "../common/money";
import { explain, Problem } from "../common/problem";
import { useIsKnown, useQuery } from "../common/query";
import { Link } from "../common/router";
import type { Order } from "../common/types";
import { useAttempt } from "./attempt";
import { Failure } from "./Failure";
import { LineSummary } from "./LineSummary";
import { wordsFor } from "./orderWords";
import { Page } from "./Page";
import { Missing } from "./Missing";
import { orderPath } from "./places";
import { noteOutcome } from "./placing";

/** While something is still to come of it, an order is asked for so often. */
const every = 2_000;

const why = "An order is for the account that it belongs to, or for the browser in which a guest has placed it.";

const isOpen = ({ status, payment }: Order): boolean =>
  status === "PLACED" || payment.status === "REFUND_PENDING" || payment.status === "UNKNOWN";

export function OrderPage({ id }: { id: string }) {
  const isKnown = useIsKnown();
  const path = isKnown ? orderPath(id) : null;
  const [isWatched, setWatched] = useState(true);
  const as = client.guest.hasOrdered(id) ? "guest" : undefined;
  const { document: order, tag, error, reload } = useQuery<Order>(path, { every: isWatched ? every : undefined, as });
  if (order && isWatched !== isOpen(order)) setWatched(isOpen(order));
  useEffect(() => { if (order && !isOpen(order)) noteOutcome(order); }, [order]);
  if (isKnown === false) return <LogInFirst path={`/orders/${id}`} why={why} />;
  if (error instanceof Problem && (error.status === 404 || error.status === 422)) return <Missing />;
  if (!order) return <Page title="Order" isWide>{error ? <Failure error={error} retry={reload} /> : <Placeholder />}</Page>;
  const { tone, title, detail } = wordsFor(order);
  return (
    <Page title={title} isWide>
      <div className="two">
        <div className="stack wide-gap">
          <Notice tone={tone}>{detail}</Notice>
          {order.email && <GuestNote email={order.email} />}
          {order.tracking && <p>Tracking code: <strong>{order.tracking}</strong></p>}
          <ul className="lines">
            {order.items.map((item, index) => (
              <li key={index} className="line">
                <LineSummary sku={item.sku} note={`Quantity ${item.quantity}`} />
                <strong className="number">{inCurrency(order, item.line_total)}</strong>
              </li>
            ))}
          </ul>
          {order.status === "REJECTED" && <p><Link className="button" to="/cart">Back to the cart</Link></p>}
        </div>
        <aside className="card stack" aria-label="The order">
          <Facts order={order} />
          <Cancel order={order} tag={tag} done={reload} />
          <Link to="/orders" className="small">All orders</Link>
        </aside>
      </div>
    </Page>
  );
}

function GuestNote({ email }: { email: string }) {
  const { ends } = client.guest;
  return (
    <p className="muted">
      {`Ordered as a guest, under ${email}. `}
      {ends && `This browser shows the order until ${formatTime(ends.toISOString())}; keep its number.`}
    </p>
  );
}

function Placeholder() {
  return (
    <div className="two" aria-busy="true">
      <div className="stack wide-gap">
        <Skeleton height={52} />
        <div className="line"><span className="skeleton thumb" /><Skeleton width="60%" /></div>
      </div>
      <div className="card stack">{["30%", "60%", "60%", "80%", "80%", "100%"].map((width, index) => <Skeleton key={index} width={width} height="2rem" />)}</div>
    </div>
  );
}

export function LogInFirst({ path, why = "This page is for the account that it belongs to." }: { path: string; why?: string }) {
  return (
    <Page title="Log in first">
      <p className="lead">{why}</p>
      <p><Link className="button" to={`/log-in?next=${encodeURIComponent(path)}`}>Log in</Link></p>
    </Page>
  );
}

const inCurrency = ({ total }: Order, amount: number): string =>
  (total ? formatMoney({ amount, currency: total.currency }) : String(amount));

function Facts({ order }: { order: Order }) {
  const { shipping_address: address } = order;
  return (
    <dl className="facts">
      <div><dt>State</dt><dd><Badge tone={wordsFor(order).tone}>{wordsFor(order).short}</Badge></dd></div>
      {order.total && <div><dt>Total</dt><dd><strong>{formatMoney(order.total)}</strong></dd></div>}
      {order.refunds?.map((refund) => (
        <div key={refund.id}>
          <dt>{refund.status === "REFUNDED" ? "Refunded" : "Refund under way"}</dt>
          <dd>{inCurrency(order, refund.amount)}<span className="muted small block">{formatTime(refund.updated_at)}</span></dd>
        </div>
      ))}
      {order.placed_at && <div><dt>Placed</dt><dd>{formatTime(order.placed_at)}</dd></div>}
      {address && (
        <div>
          <dt>To</dt>
          <dd>{addressLines(address).map((text) => <span key={text} className="block">{text}</span>)}</dd>
        </div>
      )}
      <div><dt>Number</dt><dd className="code">{order.id}</dd></div>
    </dl>
  );
}

const cancellable = new Set(["PLACED", "PAID", "FULFILLED"]);

function Cancel({ order, tag, done }: { order: Order; tag: string | null; done: () => void }) {
  const [isAsked, setAsked] = useState(false);
  const { error, isBusy, run } = useAttempt();
  if (!cancellable.has(order.status) || order.payment.status === "UNKNOWN" || order.payment.status === "PENDING") return null;
  const cancel = (event: FormEvent<HTMLFormElement>) => {
    const { reason } = formValues(event);
    run(async () => {
      await client.post(`/api/v1/orders/${order.id}/cancel`, reason ? { reason } : {}, {
        ifMatch: tag ?? undefined, as: client.guest.hasOrdered(order.id) ? "guest" : undefined,
      });
      setAsked(false);
      done();
    });
  };
  return (
    <>
      <Button look="danger" onClick={() => setAsked(true)}>Cancel the order</Button>
      {isAsked && (
        <Dialog title="Cancel the order?" onClose={() => setAsked(false)}>
          <form className="stack" onSubmit={cancel}>
            <p>What you paid goes back to your card, and the goods go on sale again.</p>
            <TextField label="Why (optional)" name="reason" maxLength={200} />
            {error !== undefined && <Notice tone="bad">{explain(error)}</Notice>}
            <div className="row">
              <Button type="submit" isBusy={isBusy}>Cancel the order</Button>
              <Button look="quiet" onClick={() => setAsked(false)}>Keep it</Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

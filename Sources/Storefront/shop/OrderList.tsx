import { client } from "../common/client";
import { Badge, Skeleton } from "../common/controls";
import { formatMoney, formatTime } from "../common/money";
import { useIsKnown, useIsLoggedIn, useQuery } from "../common/query";
import { Link, usePlace } from "../common/router";
import type { Account, Order, Page as PageOf } from "../common/types";
import { Failure } from "./Failure";
import { useSold } from "./LineSummary";
import { LogInFirst } from "./OrderPage";
import { wordsFor } from "./orderWords";
import { Page } from "./Page";
import { ownOrdersPath } from "./places";
import { productPicture } from "../common/pictures";

const pageSize = 20;

export function OrderList() {
  const isKnown = useIsKnown();
  const isLoggedIn = useIsLoggedIn();
  const cursor = usePlace().query.get("cursor");
  const { document: account, error: unknown, reload: ask } = useQuery<Account>(isLoggedIn ? "/api/v1/auth/me" : null);
  const path = isKnown && (account || !isLoggedIn) ? ownOrdersPath(account, pageSize, cursor) : null;
  const { document: page, error: failure, reload: read } = useQuery<PageOf<Order>>(path);
  const [error, reload] = unknown && !account ? [unknown, ask] : [failure, read];
  if (isKnown === false) return <LogInFirst path="/orders" />;
  return (
    <Page title="Orders">
      {error && !page ? <Failure error={error} retry={reload} /> : page?.data.length === 0 ? (
        <div className="stack">
          <p className="lead">There is none yet.</p>
          <p><Link className="button" to="/search">Find something</Link></p>
        </div>
      ) : (
        <ul className="orders">
          {page ? page.data.map((order) => <OrderRow key={order.id} order={order} />)
            : [0, 1, 2].map((index) => <li key={index} className="card"><Skeleton height={56} /></li>)}
        </ul>
      )}
      {page?.next_cursor && (
        <p className="more"><Link className="button quiet" to={`/orders?cursor=${encodeURIComponent(page.next_cursor)}`}>Earlier orders</Link></p>
      )}
      {isLoggedIn && client.guest.hasOrders && <GuestOrders />}
    </Page>
  );
}

/** What the customer has ordered in this browser before the log-in: it stays the guest's. */
function GuestOrders() {
  const { document: page } = useQuery<PageOf<Order>>(ownOrdersPath(undefined, pageSize, null), { as: "guest" });
  return (
    <section aria-labelledby="as-guest">
      <h2 id="as-guest">Ordered as a guest in this browser</h2>
      <ul className="orders">{page?.data.map((order) => <OrderRow key={order.id} order={order} />)}</ul>
    </section>
  );
}

function OrderRow({ order }: { order: Order }) {
  const { tone, short } = wordsFor(order);
  const units = order.items.reduce((sum, item) => sum + item.quantity, 0);
  return (
    <li>
      <Link className="card order-row" to={`/orders/${order.id}`}>
        <span className="thumbs">{order.items.slice(0, 3).map((item) => <Thumb key={item.sku} sku={item.sku} />)}</span>
        <span className="order-text">
          <span>{`${units} ${units === 1 ? "item" : "items"}`}</span>
          <span className="muted small">{order.placed_at ? formatTime(order.placed_at) : ""}</span>
        </span>
        <span className="order-state">
          <Badge tone={tone}>{short}</Badge>
          <strong className="number">{order.total ? formatMoney(order.total) : ""}</strong>
        </span>
      </Link>
    </li>
  );
}

function Thumb({ sku }: { sku: string }) {
  const { product, variant } = useSold(sku);
  return product ? <img className="thumb" src={productPicture(product, variant)} alt={product.title} width="400" height="400" />
    : <span className="skeleton thumb" />;
}

import { useState } from "react";
import { Button, Notice, Skeleton } from "../common/controls";
import { formatMoney } from "../common/money";
import { explain } from "../common/problem";
import { useIsLoggedIn } from "../common/query";
import { Link } from "../common/router";
import { CartCuts } from "./CartCuts";
import { type Line, quantityMax, setQuantity, useCart } from "./cart";
import { LineSummary, useSold } from "./LineSummary";
import { Page } from "./Page";
import { Quantity } from "./Quantity";
import { useAvailability } from "./Stock";

export function CartPage() {
  const { lines, total, isLoaded } = useCart();
  const isLoggedIn = useIsLoggedIn();
  if (isLoaded && lines.length === 0) {
    return (
      <Page title="Cart">
        <p className="lead">It is empty.</p>
        <p><Link className="button" to="/search">Find something</Link></p>
      </Page>
    );
  }
  return (
    <Page title="Cart" isWide>
      <CartCuts />
      <div className="two">
        <ul className="lines">
          {isLoaded ? lines.map((line) => <CartLine key={line.sku} line={line} />)
            : [0, 1].map((index) => <li key={index} className="line"><span className="skeleton thumb" /><Skeleton width="60%" /></li>)}
        </ul>
        <aside className="card stack" aria-label="Sum">
          <div className="spread"><span>Total</span><strong className="sum">{total ? formatMoney(total) : "–"}</strong></div>
          <p className="muted small">With tax. Shipping is free.</p>
          {lines.some((line) => !line.isOrderable) && <Notice tone="warn">Something in it is not sold any more. Take it out to go on.</Notice>}
          <Link className="button" to="/checkout">Check out</Link>
          {isLoggedIn === false && <p className="muted small">The cart stays in this browser for a week; it comes along when you log in.</p>}
        </aside>
      </div>
    </Page>
  );
}

function CartLine({ line }: { line: Line }) {
  const [fault, setFault] = useState("");
  const available = useAvailability(line.isOrderable ? line.sku : null);
  const { product } = useSold(line.sku);
  const set = (quantity: number) => {
    setFault("");
    setQuantity(line.sku, quantity).catch((error) => setFault(explain(error)));
  };
  const name = product?.title ?? line.sku;
  const isShort = available !== undefined && available < line.quantity;
  return (
    <li className="line">
      <LineSummary sku={line.sku} {...(line.unitPrice ? { note: formatMoney(line.unitPrice) } : {})} />
      <div className="line-actions">
        <Quantity value={line.quantity} max={quantityMax} change={set} label={name} />
        <Button look="plain" onClick={() => set(0)} aria-label={`Remove ${name}`}>Remove</Button>
      </div>
      <strong className="number">
        {line.unitPrice ? formatMoney({ ...line.unitPrice, amount: line.unitPrice.amount * line.quantity }) : "–"}
      </strong>
      {isShort && (
        <Notice tone="warn">
          {available === 0 ? "This is sold out. " : `Only ${available} are left. `}
          <Button look="plain" onClick={() => set(available)}>{available === 0 ? "Take it out" : `Take ${available}`}</Button>
        </Notice>
      )}
      {fault !== "" && <Notice tone="bad">{fault}</Notice>}
    </li>
  );
}

import { useCallback, useEffect, useRef, useState } from "react";
import { Button, Notice, Skeleton } from "../common/controls";
import { formatMoney } from "../common/money";
import { explain } from "../common/problem";
import { useIsLoggedIn } from "../common/query";
import { Link } from "../common/router";
import { CartCuts } from "./CartCuts";
import { type Line, quantityMax, reloadCart, useCart } from "./cart";
import { setQuantity } from "./cartChanges";
import { Failure } from "./Failure";
import { LineSummary, useSold } from "./LineSummary";
import { focusHeading, Page } from "./Page";
import { Quantity } from "./Quantity";
import { useAvailability } from "./Stock";

export function CartPage() {
  const { lines, total, isLoaded, error } = useCart();
  const isLoggedIn = useIsLoggedIn();
  // The lines of which too little is left, as far as that is known.
  const [short, setShort] = useState<ReadonlySet<string>>(new Set());
  const noteShort = useCallback((sku: string, isShort: boolean) => setShort((before) => {
    if (before.has(sku) === isShort) return before;
    const after = new Set(before);
    if (isShort) after.add(sku);
    else after.delete(sku);
    return after;
  }), []);
  const obstacle = obstacleOf(lines, short);
  // A button that takes something out goes with it, and would take the focus along.
  const wasLoaded = useRef(false);
  useEffect(() => {
    if (wasLoaded.current && document.activeElement === document.body) focusHeading();
    wasLoaded.current = isLoaded;
  }, [lines, isLoaded]);
  if (!isLoaded && error !== undefined) {
    return <Page title="Cart"><Failure error={error} retry={reloadCart} /></Page>;
  }
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
          {isLoaded ? lines.map((line) => <CartLine key={line.sku} line={line} noteShort={noteShort} />)
            : [0, 1].map((index) => <li key={index} className="line"><span className="skeleton thumb" /><Skeleton width="60%" /></li>)}
        </ul>
        <aside className="card stack" aria-label="Sum">
          <div className="spread"><span>Total</span><strong className="sum">{total ? formatMoney(total) : "–"}</strong></div>
          <p className="muted small">With tax. Shipping is free.</p>
          {obstacle !== null && <div id="obstacle"><Notice tone="warn">{obstacle}</Notice></div>}
          {obstacle === null ? <Link className="button" to="/checkout">Check out</Link>
            : <button type="button" className="button" aria-disabled="true" aria-describedby="obstacle">Check out</button>}
          {isLoggedIn === false && <p className="muted small">The cart stays in this browser for a week; it comes along when you log in.</p>}
        </aside>
      </div>
    </Page>
  );
}

/** Why an order of the cart would be refused; null when nothing is known against it. The shop decides when it is placed. */
function obstacleOf(lines: readonly Line[], short: ReadonlySet<string>): string | null {
  if (lines.some((line) => !line.isOrderable)) return "Something in it is not sold any more. Take it out to go on.";
  if (lines.some((line) => short.has(line.sku))) return "There is not enough left of something in it. Change that to go on.";
  return null;
}

function CartLine({ line, noteShort }: { line: Line; noteShort: (sku: string, isShort: boolean) => void }) {
  const [fault, setFault] = useState("");
  const available = useAvailability(line.isOrderable ? line.sku : null);
  const { product } = useSold(line.sku);
  const set = (quantity: number) => {
    setFault("");
    setQuantity(line.sku, quantity).catch((error) => setFault(explain(error)));
  };
  const name = product?.title ?? line.sku;
  const isShort = available !== undefined && available < line.quantity;
  useEffect(() => {
    noteShort(line.sku, isShort);
    return () => noteShort(line.sku, false);
  }, [line.sku, isShort, noteShort]);
  return (
    <li className="line">
      <LineSummary sku={line.sku} {...(line.unitPrice ? { note: formatMoney(line.unitPrice) } : {})} />
      <div className="line-actions">
        {line.isOrderable && <Quantity value={line.quantity} max={quantityMax} change={set} label={name} />}
        <Button look="plain" onClick={() => set(0)} aria-label={`Remove ${name}`}>Remove</Button>
      </div>
      <strong className="number">
        {line.unitPrice ? formatMoney({ ...line.unitPrice, amount: line.unitPrice.amount * line.quantity }) : "–"}
      </strong>
      {!line.isOrderable && <Notice tone="warn">This is not sold any more.</Notice>}
      {isShort && (
        <Notice tone="warn">
          {available === 0 ? "This is sold out. " : `Only ${available} ${available === 1 ? "is" : "are"} left. `}
          <Button look="plain" onClick={() => set(available)}>{available === 0 ? "Take it out" : `Take ${available}`}</Button>
        </Notice>
      )}
      {fault !== "" && <Notice tone="bad">{fault}</Notice>}
    </li>
  );
}

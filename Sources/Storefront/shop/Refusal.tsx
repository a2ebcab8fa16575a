import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "../common/controls";
import { formatMoney } from "../common/money";
import { explain, Problem } from "../common/problem";
import { Link } from "../common/router";
import { toast } from "../common/toast";
import type { Shortage } from "../common/types";
import { setQuantity } from "./cartChanges";
import { useSold, variantText } from "./LineSummary";

/**
 * Why an order was not placed, and what to do about it.
 *
 * @param agree what is done when the reader agrees to the new total; null once they have.
 */
export function Refusal({ error, agree }: { error: unknown; agree: (() => void) | null }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (error !== undefined) box.current?.focus(); }, [error]);
  if (error === undefined) return null;
  return <div ref={box} tabIndex={-1} className="notice bad" role="alert">{reason(error, agree)}</div>;
}

function reason(error: unknown, agree: (() => void) | null): ReactNode {
  if (!(error instanceof Problem)) return explain(error);
  switch (error.code) {
    case "insufficient_stock":
      return (
        <div className="stack">
          <p><strong>There is not enough left.</strong> Nothing was ordered, and nothing was charged.</p>
          <ul className="stack">
            {error.document.shortages?.map((shortage) => <Short key={shortage.sku} shortage={shortage} />)}
          </ul>
        </div>
      );
    case "payment_declined":
      return <p><strong>The card was declined.</strong> Nothing was charged, and your cart is as it was. Choose another card.</p>;
    case "payment_unavailable":
      return (
        <p>
          <strong>The payment service does not answer.</strong> Nothing was charged, and your cart is as it was.
          Try again in a moment.
        </p>
      );
    case "product_not_sold":
      return (
        <p><strong>Something in the cart is not sold at present.</strong> <Link to="/cart">See the cart</Link></p>
      );
    case "price_changed": {
      const { total } = error.document;
      return (
        <p className="row">
          <span><strong>{total ? `The price has changed to ${formatMoney(total)}.` : "The price has changed."}</strong> Nothing was ordered.</span>
          {agree && <Button look="quiet" onClick={agree}>I agree</Button>}
        </p>
      );
    }
    case "undecided_orders": return <p>Too many of your orders wait for their payment. Try again in a moment.</p>;
    default: return <p>{explain(error)}</p>;
  }
}

function Short({ shortage: { sku, requested, available } }: { shortage: Shortage }) {
  const { product, variant } = useSold(sku);
  const name = [product?.title ?? sku, variantText(variant)].filter(Boolean).join(", ");
  return (
    <li className="row">
      <span>{`${name}: ${available === 0 ? "none is left" : `${available} of ${requested} ${available === 1 ? "is" : "are"} left`}`}</span>
      <Button look="quiet" onClick={() => void setQuantity(sku, available).catch((error) => toast(explain(error)))}>
        {available === 0 ? "Take it out" : `Take ${available}`}
      </Button>
    </li>
  );
}

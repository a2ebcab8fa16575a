import { type FormEvent, useState } from "react";
import { Button, formValues, Notice } from "../common/controls";
import { formatMoney } from "../common/money";
import { Problem } from "../common/problem";
import { useIsLoggedIn } from "../common/query";
import { Link, navigate } from "../common/router";
import type { Money, ShippingAddress } from "../common/types";
import { AddressFields, addressOf } from "./AddressFields";
import { loadCart, useCart } from "./cart";
import { LineSummary } from "./LineSummary";
import { useAttempt } from "./LogIn";
import { Page } from "./Page";
import { cards } from "./payment";
import { itemsOf, placeOrder } from "./placing";
import { Refusal } from "./Refusal";

const addressPlace = "cloudretail.address";

const knownAddress = (): Partial<ShippingAddress> =>
  JSON.parse(localStorage.getItem(addressPlace) ?? "{}") as Partial<ShippingAddress>;

export function Checkout() {
  const isLoggedIn = useIsLoggedIn();
  const { lines, isLoaded } = useCart();
  // The cart is empty as soon as the order is paid, a moment before the order's page is there.
  const [isDone, setDone] = useState(false);
  if (!isLoggedIn) return <WhoOrders />;
  if (isLoaded && lines.length === 0 && !isDone) {
    return (
      <Page title="Check out">
        <p className="lead">The cart is empty.</p>
        <p><Link className="button" to="/search">Find something</Link></p>
      </Page>
    );
  }
  return <Page title="Check out" isWide><CheckoutForm finish={() => setDone(true)} /></Page>;
}

function WhoOrders() {
  return (
    <Page title="Check out">
      <p className="lead">Log in so that you can follow the order. Your cart comes along.</p>
      <p className="row">
        <Link className="button" to="/log-in?next=%2Fcheckout">Log in</Link>
        <Link className="button quiet" to="/register?next=%2Fcheckout">Create an account</Link>
      </p>
    </Page>
  );
}

function CheckoutForm({ finish }: { finish: () => void }) {
  const { lines, total } = useCart();
  const { error, isBusy, run } = useAttempt();
  const [agreed, setAgreed] = useState<Money | null>(null);
  const changed = error instanceof Problem && error.code === "price_changed" ? error.document.total ?? null : null;
  const price = agreed ?? total;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    const values = formValues(event);
    if (!price) return;
    const address = addressOf(values);
    localStorage.setItem(addressPlace, JSON.stringify(address));
    run(async () => {
      const order = await placeOrder({
        items: itemsOf(lines), expected_total: price.amount, shipping_address: address,
        payment_method: values["payment_method"] ?? "", clear_cart: true,
      });
      finish();
      navigate(`/orders/${order.id}`, { replaces: true });
      await loadCart();
    });
  };
  return (
    <form className="two" onSubmit={submit}>
      <div className="stack wide-gap">
        <Refusal error={error} reload={() => void loadCart()} />
        <fieldset className="stack">
          <legend className="h2">Where it goes</legend>
          <AddressFields known={knownAddress()} error={error} at="/shipping_address" />
        </fieldset>
        <fieldset className="stack">
          <legend className="h2">How you pay</legend>
          <p className="muted small">These are cards of the payment simulator: no money moves.</p>
          <div className="cards">
            {cards.map(({ method, name, ending }, index) => (
              <label key={method}>
                <input type="radio" name="payment_method" value={method} defaultChecked={index === 0} />
                <span>{name}<span className="muted small">{`•••• ${ending}`}</span></span>
              </label>
            ))}
          </div>
        </fieldset>
      </div>
      <aside className="card stack" aria-label="The order">
        <ul className="lines small-lines">
          {lines.map((line) => (
            <li key={line.sku} className="line"><LineSummary sku={line.sku} note={`Quantity ${line.quantity}`} /></li>
          ))}
        </ul>
        <div className="spread"><span>Total</span><strong className="sum">{price ? formatMoney(price) : "–"}</strong></div>
        {changed && agreed?.amount !== changed.amount && (
          <Notice tone="warn">
            {`The price has changed to ${formatMoney(changed)}. `}
            <Button look="plain" onClick={() => setAgreed(changed)}>I agree</Button>
          </Notice>
        )}
        <Button type="submit" isBusy={isBusy} disabled={!price}>{price ? `Pay ${formatMoney(price)}` : "Pay"}</Button>
        {isBusy && <p className="muted small" role="status">The order is being placed. It is placed once, even if this takes a while.</p>}
      </aside>
    </form>
  );
}

import { type FormEvent, useEffect, useState } from "react";
import { Button, formValues, Notice, Skeleton, TextField } from "../common/controls";
import { formatMoney } from "../common/money";
import { explain, Problem } from "../common/problem";
import { useIsLoggedIn } from "../common/query";
import { Link, navigate } from "../common/router";
import type { Money, ShippingAddress } from "../common/types";
import { AddressFields, addressOf } from "./AddressFields";
import { useAttempt } from "./attempt";
import { CartCuts } from "./CartCuts";
import { loadCart, reloadCart, useCart } from "./cart";
import { Failure } from "./Failure";
import { LineSummary } from "./LineSummary";
import { faultOf } from "./LogIn";
import { Page } from "./Page";
import { cards } from "./payment";
import { itemsOf, type NewOrder, placeOrder, unansweredOrder } from "./placing";
import { Refusal } from "./Refusal";

const addressPlace = "cloudretail.address";

const emailPlace = "cloudretail.email";

const knownAddress = (): Partial<ShippingAddress> =>
  JSON.parse(localStorage.getItem(addressPlace) ?? "{}") as Partial<ShippingAddress>;

export function Checkout() {
  const isLoggedIn = useIsLoggedIn();
  const { lines, isLoaded, error } = useCart();
  // The cart is empty as soon as the order is paid, a moment before the order's page is there.
  const [isDone, setDone] = useState(false);
  const [unanswered, setUnanswered] = useState(unansweredOrder);
  const place = async (order: NewOrder) => {
    try {
      const placed = await placeOrder(order);
      setDone(true);
      navigate(`/orders/${placed.id}`, { replaces: true });
      await loadCart();
    } catch (error) {
      // The cart says which it is, and the page of the cart then asks for the stock of the others alone.
      if (error instanceof Problem && error.code === "product_not_sold") await loadCart();
      throw error;
    } finally {
      setUnanswered(unansweredOrder());
    }
  };
  if (isLoggedIn === undefined) return <Page title="Check out" isWide><Placeholder /></Page>;
  if (unanswered && !isDone) return <Page title="Check out"><Unanswered order={unanswered} place={place} /></Page>;
  if (!isLoaded && error !== undefined) {
    return <Page title="Check out"><Failure error={error} retry={reloadCart} /></Page>;
  }
  if (isLoaded && lines.length === 0 && !isDone) {
    return (
      <Page title="Check out">
        <p className="lead">The cart is empty.</p>
        <p><Link className="button" to="/search">Find something</Link></p>
      </Page>
    );
  }
  return <Page title="Check out" isWide><CheckoutForm place={place} /></Page>;
}

const fieldsExpected = 6;

function Placeholder() {
  return (
    <div className="two" aria-busy="true">
      <div className="stack">
        {[...Array(fieldsExpected).keys()].map((index) => (
          <div key={index} className="field"><Skeleton width="8em" height="0.875rem" /><Skeleton height={44} /></div>
        ))}
      </div>
      <div className="card stack"><Skeleton height={56} /><Skeleton /><Skeleton height={44} /></div>
    </div>
  );
}

/** What is shown as long as nothing is known of an order that was sent off: no other one is taken meanwhile. */
function Unanswered({ order, place }: { order: NewOrder; place: (order: NewOrder) => Promise<void> }) {
  const { error, isBusy, run } = useAttempt();
  const count = order.items.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <div className="stack">
      <Notice tone="warn">
        {`An order of ${count} ${count === 1 ? "item" : "items"} was sent, and no answer came. It may have been placed.`}
      </Notice>
      {error !== undefined && <Notice tone="bad">{explain(error)}</Notice>}
      <p>Ask what became of it: you get that order, and no second one.</p>
      <p><Button isBusy={isBusy} onClick={() => run(() => place(order))}>Ask again</Button></p>
    </div>
  );
}

/** Who orders without an account says where the shop reaches them. */
function GuestFields({ error }: { error: unknown }) {
  return (
    <fieldset className="stack">
      <legend className="h2">Where we reach you</legend>
      <TextField
        label="E-mail" name="email" type="email" autoComplete="email" required maxLength={254}
        defaultValue={localStorage.getItem(emailPlace) ?? ""} fault={faultOf(error, "/email")}
        hint={<>You order as a guest. <Link to="/log-in?next=%2Fcheckout">Log in</Link> or{" "}
          <Link to="/register?next=%2Fcheckout">create an account</Link> to have your orders in one place; the cart comes along.</>}
      />
    </fieldset>
  );
}

function CheckoutForm({ place }: { place: (order: NewOrder) => Promise<void> }) {
  const { lines, total } = useCart();
  const isLoggedIn = useIsLoggedIn();
  const { error, isBusy, run } = useAttempt();
  const [agreed, setAgreed] = useState<Money | null>(null);
  const changed = error instanceof Problem && error.code === "price_changed" ? error.document.total ?? null : null;
  const price = agreed ?? total;
  // What was agreed to is the price of what was in the cart then.
  useEffect(() => setAgreed(null), [lines]);

  // The refusal of an order says so as well.
  const isUnsold = error === undefined && lines.some((line) => !line.isOrderable);
  const agree = () => {
    setAgreed(changed);
    // The button that was pressed goes, and what comes next may be a screen away.
    document.getElementById("pay")?.focus();
  };

  const submit = (event: FormEvent<HTMLFormElement>) => {
    const values = formValues(event);
    if (!price) return;
    const address = addressOf(values);
    localStorage.setItem(addressPlace, JSON.stringify(address));
    const guest = isLoggedIn ? {} : { email: values["email"] ?? "" };
    if (guest.email) localStorage.setItem(emailPlace, guest.email);
    run(() => place({
      items: itemsOf(lines), expected_total: price.amount, shipping_address: address,
      payment_method: values["payment_method"] ?? "", clear_cart: true, ...guest,
    }));
  };
  return (
    <form className="two" onSubmit={submit}>
      <div className="stack wide-gap">
        <Refusal error={error} agree={changed && agreed?.amount !== changed.amount ? agree : null} />
        <CartCuts />
        {!isLoggedIn && <GuestFields error={error} />}
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
            <li key={line.sku} className="line"><LineSummary sku={line.sku} note={line.isOrderable ? `Quantity ${line.quantity}` : "Not sold any more"} /></li>
          ))}
        </ul>
        <div className="spread"><span>Total</span><strong className="sum">{price ? formatMoney(price) : "–"}</strong></div>
        {isUnsold && <Notice tone="warn">Something in the cart is not sold any more. <Link to="/cart">See the cart</Link></Notice>}
        <Button type="submit" id="pay" isBusy={isBusy} disabled={!price}>{price ? `Pay ${formatMoney(price)}` : "Pay"}</Button>
        {isBusy && <p className="muted small" role="status">The order is being placed. It is placed once, even if this takes a while.</p>}
      </aside>
    </form>
  );
}

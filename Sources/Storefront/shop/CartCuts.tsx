import { Notice } from "../common/controls";
import { formatNumber } from "../common/money";
import type { CartCut } from "../common/types";
import { useCart } from "./cart";
import { useSold } from "./LineSummary";

/** Tells what of a guest's cart did not go into that of the account. */
export function CartCuts() {
  const { cuts } = useCart();
  if (cuts.length === 0) return null;
  return (
    <Notice tone="warn">
      <p><strong>Not everything of your visit fitted in.</strong></p>
      <ul>{cuts.map((cut) => <Cut key={cut.sku} cut={cut} />)}</ul>
    </Notice>
  );
}

function Cut({ cut: { sku, wanted, quantity } }: { cut: CartCut }) {
  const { product } = useSold(sku);
  const outcome = quantity === 0 ? "the cart is full" : `${formatNumber(quantity)} is the most`;
  return <li>{`${product?.title ?? sku}: together ${formatNumber(wanted)}, ${outcome}.`}</li>;
}

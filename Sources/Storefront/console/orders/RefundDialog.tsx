import { type FormEvent, useState } from "react";
import { Button, Dialog, formValues, TextField } from "../../common/controls";
import { formatMoney, parseMoney } from "../../common/money";
import { toast } from "../../common/toast";
import type { Order } from "../../common/types";
import { useAction, usePostOnce } from "../asking";
import { Failure } from "../parts";
import type { StepProperties } from "./OrderSteps";

type Kind = "all" | "lines" | "amount";

const kinds: readonly { kind: Kind; words: string }[] = [
  { kind: "all", words: "Everything that is left" },
  { kind: "lines", words: "Some of the units" },
  { kind: "amount", words: "A sum of money" },
];

/** How many units of each SKU were bought, less those that a refund has paid for. */
function refundable(order: Order): { sku: string; units: number }[] {
  const left = new Map<string, number>();
  for (const item of order.items) left.set(item.sku, (left.get(item.sku) ?? 0) + item.quantity);
  for (const refund of order.refunds ?? []) {
    for (const line of refund.lines) left.set(line.sku, (left.get(line.sku) ?? 0) - line.quantity);
  }
  return [...left].map(([sku, units]) => ({ sku, units })).filter(({ units }) => units > 0);
}

interface RefundBody {
  reason?: string;
  restock?: boolean;
  amount?: number;
  lines?: { sku: string; quantity: number }[];
}

/** Gives money back: all that is left, so many units, or a sum. */
export function RefundDialog({ order, tag, reload, onClose }: StepProperties & { onClose: () => void }) {
  const [kind, setKind] = useState<Kind>("all");
  const [fault, setFault] = useState<string>();
  const action = useAction();
  const postOnce = usePostOnce();
  const currency = order.total?.currency ?? "EUR";
  const left = (order.total?.amount ?? 0) - (order.refunded_total?.amount ?? 0);
  const lines = refundable(order);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    const values = formValues(event);
    const body: RefundBody = values.reason === undefined ? {} : { reason: values.reason };
    if (kind === "amount") {
      const amount = parseMoney(values.amount ?? "", currency);
      if (amount === null || amount === 0) return setFault("This is no amount of money.");
      body.amount = amount;
    } else if (values.restock !== undefined) {
      body.restock = true;
    }
    if (kind === "lines") {
      body.lines = lines.map(({ sku }) => ({ sku, quantity: Number(values[`units ${sku}`] ?? 0) })).filter((line) => line.quantity > 0);
      if (body.lines.length === 0) return setFault("Say how many units.");
    }
    setFault(undefined);
    const isDone = await action.run(async () => {
      await postOnce(`/api/v1/orders/${order.id}/refund`, body, { ifMatch: tag ?? undefined });
    });
    reload();
    if (!isDone) return undefined;
    toast("The refund is under way.");
    return onClose();
  };

  return (
    <Dialog title="Refund" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>{formatMoney({ amount: left, currency })} can be given back.</p>
        <fieldset className="choices">
          <legend className="hidden">What is given back</legend>
          {kinds.map((one) => (
            <label key={one.kind}>
              <input type="radio" name="kind" checked={kind === one.kind} onChange={() => setKind(one.kind)} /> {one.words}
            </label>
          ))}
        </fieldset>
        {kind === "lines" && lines.map(({ sku, units }) => (
          <TextField key={sku} label={`Units of ${sku}`} name={`units ${sku}`} type="number" min={0} max={units} defaultValue={0} hint={`At most ${units}`} />
        ))}
        {kind === "amount" && <TextField label={`Amount in ${currency}`} name="amount" inputMode="decimal" required autoComplete="off" />}
        {kind !== "amount" && (
          <label className="check"><input type="checkbox" name="restock" /> Goods that were shipped come back to the stock</label>
        )}
        <TextField label="Reason (optional)" name="reason" maxLength={200} autoComplete="off" />
        {fault !== undefined && <p className="notice bad" role="alert">{fault}</p>}
        {action.error !== undefined && <Failure error={action.error} />}
        <div className="row end">
          <Button look="quiet" onClick={onClose}>Back</Button>
          <Button type="submit" className="warning" isBusy={action.isBusy}>Give back</Button>
        </div>
      </form>
    </Dialog>
  );
}

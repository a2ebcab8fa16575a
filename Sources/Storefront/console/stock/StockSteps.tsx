import { type FormEvent, type ReactNode, useState } from "react";
import { client } from "../../common/client";
import { Button, Dialog, formValues, SelectField, TextField } from "../../common/controls";
import { formatNumber } from "../../common/money";
import { toast } from "../../common/toast";
import type { Inventory } from "../../common/types";
import { type PostOnce, useAction, usePostOnce } from "../asking";
import { Failure } from "../parts";
import { reasons } from "./types";

type Step = "receive" | "adjust" | "count" | "hold";
type Values = Record<string, string>;

interface StepProperties {
  stock: Inventory;
  /** The version that was looked at. A count is of that version; receiving and adjusting hold for any. */
  tag: string | null;
  reload: () => void;
}

interface StepWords {
  title: string;
  does: string;
  done: string;
  fields: (stock: Inventory) => ReactNode;
  send: (stock: Inventory, values: Values, tag: string | null, postOnce: PostOnce) => Promise<unknown>;
}

const at = (stock: Inventory) => `/api/v1/inventory/${encodeURIComponent(stock.sku)}`;

const Reason = () => (
  <>
    <SelectField label="Reason" name="reason" defaultValue="count">
      {reasons.map((reason) => <option key={reason} value={reason}>{reason.replace("_", " ")}</option>)}
    </SelectField>
    <TextField label="Note" name="note" maxLength={200} autoComplete="off" hint="For the reason “other”" />
  </>
);

const why = (values: Values) => ({ reason: values.reason, ...(values.reason === "other" ? { note: values.note } : {}) });

const steps: Record<Step, StepWords> = {
  receive: {
    title: "Receive units", does: "Receive", done: "The units are in the stock.",
    fields: () => (
      <>
        <TextField label="Units" name="quantity" type="number" min={1} required />
        <TextField label="Delivery’s number (optional)" name="reference" maxLength={200} autoComplete="off" />
      </>
    ),
    send: (stock, values, _, postOnce) => {
      const body = { quantity: Number(values.quantity), reference: values.reference ?? null };
      return postOnce(`${at(stock)}/receive`, body);
    },
  },
  adjust: {
    title: "Correct the count", does: "Correct", done: "The count is corrected.",
    fields: () => <><TextField label="Units more, or fewer with a minus" name="delta" type="number" required /><Reason /></>,
    send: (stock, values, _, postOnce) => {
      const body = { delta: Number(values.delta), ...why(values) };
      return postOnce(`${at(stock)}/adjust`, body);
    },
  },
  count: {
    title: "Count anew", does: "Set the count", done: "The count is set.",
    fields: (stock) => (
      <>
        <p>{formatNumber(stock.on_hand)} are on hand, as far as is known. Should units move meanwhile, the count is refused.</p>
        <TextField label="Units counted" name="on_hand" type="number" min={0} required /><Reason />
      </>
    ),
    send: (stock, values, tag) => client.put(
      at(stock), { on_hand: Number(values.on_hand), expected: stock.on_hand, ...why(values) }, { ifMatch: tag ?? undefined },
    ),
  },
  hold: {
    title: "Hold units", does: "Hold", done: "The units are held.",
    fields: (stock) => (
      <>
        <TextField label="Units" name="quantity" type="number" min={1} max={stock.available} required hint={`${formatNumber(stock.available)} can be held`} />
        <TextField label="Hours" name="hours" type="number" min={1} max={168} defaultValue={24} required />
      </>
    ),
    send: (stock, values, _, postOnce) => {
      const body = { quantity: Number(values.quantity), expires_in: Number(values.hours) * 3600 };
      return postOnce(`${at(stock)}/reservations`, body);
    },
  },
};

const offered: readonly { step: Step; words: string; look: "main" | "quiet" }[] = [
  { step: "receive", words: "Receive", look: "main" }, { step: "adjust", words: "Correct", look: "quiet" },
  { step: "count", words: "Count anew", look: "quiet" }, { step: "hold", words: "Hold", look: "quiet" },
];

export function StockSteps(properties: StepProperties) {
  const [step, setStep] = useState<Step | null>(null);
  return (
    <div className="row steps">
      {offered.map((offer) => (
        <Button key={offer.step} look={offer.look} onClick={() => setStep(offer.step)}
          disabled={offer.step === "hold" && properties.stock.available === 0}>{offer.words}</Button>
      ))}
      {step !== null && <StepDialog {...properties} {...steps[step]} onClose={() => setStep(null)} />}
    </div>
  );
}

function StepDialog({ stock, tag, reload, onClose, ...words }: StepProperties & StepWords & { onClose: () => void }) {
  const action = useAction();
  const postOnce = usePostOnce();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    const values = formValues(event);
    const isDone = await action.run(async () => { await words.send(stock, values, tag, postOnce); });
    reload();
    if (!isDone) return;
    toast(words.done);
    onClose();
  };
  return (
    <Dialog title={`${words.title}: ${stock.sku}`} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {words.fields(stock)}
        {action.error !== undefined && <Failure error={action.error} />}
        <div className="row end">
          <Button look="quiet" onClick={onClose}>Back</Button>
          <Button type="submit" isBusy={action.isBusy}>{words.does}</Button>
        </div>
      </form>
    </Dialog>
  );
}

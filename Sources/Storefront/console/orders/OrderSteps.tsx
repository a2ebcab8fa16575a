import { type FormEvent, type ReactNode, useState } from "react";
import { client } from "../../common/client";
import { Button, Dialog, formValues, TextField } from "../../common/controls";
import { toast } from "../../common/toast";
import type { Order } from "../../common/types";
import { useAction } from "../asking";
import { Failure } from "../parts";
import { RefundDialog } from "./RefundDialog";

type Step = "ship" | "track" | "deliver" | "cancel" | "refund";

interface Offer {
  step: Step;
  words: string;
  look: "main" | "quiet" | "danger";
}

/** What can be done with an order as it stands. The gateway decides; this spares the reader what it would refuse. */
function offers(order: Order): Offer[] {
  const hasMoney = order.payment.status === "PAID" || order.payment.status === "PARTIALLY_REFUNDED";
  const refund: Offer[] = hasMoney && order.status !== "CANCELLED" ? [{ step: "refund", words: "Refund", look: "danger" }] : [];
  switch (order.status) {
    case "PLACED": case "PAID": return [{ step: "cancel", words: "Cancel the order", look: "danger" }];
    case "FULFILLED": return [
      { step: "ship", words: "Ship", look: "main" }, ...refund, { step: "cancel", words: "Cancel the order", look: "danger" },
    ];
    case "SHIPPED": return [
      { step: "deliver", words: "Delivered", look: "main" }, { step: "track", words: "Correct tracking", look: "quiet" }, ...refund,
    ];
    case "DELIVERED": return [{ step: "track", words: "Correct tracking", look: "quiet" }, ...refund];
    default: return [];
  }
}

export interface StepProperties {
  order: Order;
  /** The version that was looked at: a step is not taken on another one. */
  tag: string | null;
  reload: () => void;
}

export function OrderSteps(properties: StepProperties) {
  const [step, setStep] = useState<Step | null>(null);
  const offered = offers(properties.order);
  const close = () => setStep(null);
  return (
    <div className="row steps">
      {offered.map((offer) => <Button key={offer.step} look={offer.look} onClick={() => setStep(offer.step)}>{offer.words}</Button>)}
      {offered.length === 0 && <p className="muted small">Nothing is left to be done with this order.</p>}
      {step === "refund" && <RefundDialog {...properties} onClose={close} />}
      {step !== null && step !== "refund" && <StepDialog {...properties} {...dialogs[step]} onClose={close} />}
    </div>
  );
}

interface StepWords {
  title: string;
  path: string;
  does: string;
  done: string;
  isDangerous?: boolean;
  fields?: (order: Order) => ReactNode;
}

const tracking = (order: Order) => (
  <TextField label="Tracking code" name="tracking" maxLength={200} defaultValue={order.tracking ?? ""} autoComplete="off"
    required={order.status !== "FULFILLED"} hint={order.status === "FULFILLED" ? "It can be added later." : "The former code stays with the order."} />
);

const dialogs: Record<Exclude<Step, "refund">, StepWords> = {
  ship: { title: "Ship the order", path: "ship", does: "Ship", done: "The order is on its way.", fields: tracking },
  track: { title: "Correct the tracking code", path: "ship", does: "Correct", done: "The tracking code is corrected.", fields: tracking },
  deliver: { title: "The goods have arrived", path: "deliver", does: "Mark as delivered", done: "The order is delivered." },
  cancel: {
    title: "Cancel the order", path: "cancel", does: "Cancel the order", done: "The order is cancelled.", isDangerous: true,
    fields: () => (
      <>
        <p>What was paid goes back to the customer, and what was held goes back to the stock.</p>
        <TextField label="Reason (optional)" name="reason" maxLength={200} autoComplete="off" />
      </>
    ),
  },
};

function StepDialog({ order, tag, reload, onClose, ...words }: StepProperties & StepWords & { onClose: () => void }) {
  const action = useAction();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    const body = formValues(event);
    const isDone = await action.run(async () => {
      await client.post(`/api/v1/orders/${order.id}/${words.path}`, body, { ifMatch: tag ?? undefined });
    });
    reload();
    if (!isDone) return;
    toast(words.done);
    onClose();
  };
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {words.fields?.(order)}
        {action.error !== undefined && <Failure error={action.error} />}
        <div className="row end">
          <Button look="quiet" onClick={onClose}>Back</Button>
          <Button type="submit" className={words.isDangerous ? "warning" : ""} isBusy={action.isBusy}>{words.does}</Button>
        </div>
      </form>
    </Dialog>
  );
}

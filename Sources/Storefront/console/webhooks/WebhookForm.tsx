import { type FormEvent, useState } from "react";
import { Button, Dialog, formValues, TextField } from "../../common/controls";
import { Problem } from "../../common/problem";
import { useAction } from "../asking";
import { spaced } from "../events/words";
import { Failure } from "../parts";
import { eventTypes, type Webhook } from "./types";

/** What is said of an endpoint. */
export interface WebhookBody {
  url: string;
  types: string[];
  description: string;
}

interface FormProperties {
  title: string;
  does: string;
  webhook?: Webhook;
  /** Sends the form, and closes it. */
  send: (body: WebhookBody) => Promise<void>;
  onClose: () => void;
}

/** Asks for the address of an endpoint, and which events it is told of. */
export function WebhookForm({ title, does, webhook, send, onClose }: FormProperties) {
  const action = useAction();
  const [isAll, setAll] = useState((webhook?.types.length ?? 0) === 0);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(webhook?.types));
  const [fault, setFault] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const { url = "", description = "" } = formValues(event);
    const isNone = !isAll && chosen.size === 0;
    setFault(isNone ? "Choose one event at least, or all of them." : undefined);
    if (isNone) action.clear();
    else void action.run(() => send({ url, description, types: isAll ? [] : [...chosen] }));
  };
  const faultOf = (pointer: string) => (action.error instanceof Problem ? action.error.fieldError(pointer) : undefined);
  const faults = { url: faultOf("/url"), description: faultOf("/description") };
  const isElsewhere = action.error !== undefined && faults.url === undefined && faults.description === undefined;
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <TextField label="URL" name="url" required maxLength={2048} defaultValue={webhook?.url} autoComplete="off" spellCheck={false}
          placeholder="https://" hint="Of https, in a network that is open to the world." fault={faults.url && `This ${faults.url}.`} />
        <TextField label="Description (optional)" name="description" maxLength={256} defaultValue={webhook?.description}
          autoComplete="off" fault={faults.description && `This ${faults.description}.`} />
        <fieldset className="choices">
          <legend className="hidden">Events</legend>
          <label><input type="radio" name="which" checked={isAll} onChange={() => setAll(true)} /> All events, those to come too</label>
          <label><input type="radio" name="which" checked={!isAll} onChange={() => setAll(false)} /> Only these events</label>
        </fieldset>
        {!isAll && <EventChoice known={webhook?.types ?? []} chosen={chosen} change={setChosen} />}
        {fault !== undefined && <p className="notice bad" role="alert">{fault}</p>}
        {isElsewhere && <Failure error={action.error} />}
        <div className="row end">
          <Button look="quiet" onClick={onClose}>Back</Button>
          <Button type="submit" isBusy={action.isBusy}>{does}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function EventChoice({ known, chosen, change }: {
  known: readonly string[]; chosen: ReadonlySet<string>; change: (chosen: ReadonlySet<string>) => void;
}) {
  const offered = new Set(eventTypes.flatMap(({ types }) => types));
  // A newer shop may have named one that this page does not know.
  const others = known.filter((type) => !offered.has(type));
  const groups = others.length === 0 ? eventTypes : [...eventTypes, { title: "Others", types: others }];
  const toggle = (type: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(type);
    else next.delete(type);
    change(next);
  };
  return (
    <div className="event-types" tabIndex={0} role="group" aria-label="Only these events">
      {groups.map(({ title, types }) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {types.map((type) => (
            <label key={type} className="check">
              <input type="checkbox" value={type} checked={chosen.has(type)} onChange={(event) => toggle(type, event.target.checked)} />
              {spaced(type)}
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  );
}

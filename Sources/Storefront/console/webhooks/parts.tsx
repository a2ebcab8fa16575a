import { useRef, useState } from "react";
import { Badge, Button, Dialog, Notice, TextField } from "../../common/controls";
import { disabledWords, type Webhook } from "./types";

/** Whether an endpoint is told of events, and why not. */
export function State({ webhook }: { webhook: Webhook }) {
  const why = disabledWords(webhook);
  if (why === undefined) return <Badge tone="good">Enabled</Badge>;
  return <><Badge tone={webhook.fault === null ? "plain" : "bad"}>Disabled</Badge> <span className="small muted block">{why}</span></>;
}

/** The secret of an endpoint, in the one moment in which the shop tells it. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const field = useRef<HTMLDivElement>(null);
  const [told, setTold] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setTold("Copied.");
    } catch {
      // A page that came without TLS may not write to the clipboard.
      field.current?.querySelector("input")?.select();
      setTold("The browser does not let this page copy. The secret is selected: copy it with the keyboard.");
    }
  };
  return (
    <Dialog title="The secret of the endpoint" onClose={onClose}>
      <Notice tone="warn">This is shown once, now. Keep it where the receiver checks signatures; it cannot be shown again, only replaced.</Notice>
      <div className="secret" ref={field}>
        <TextField label="Secret" value={secret} readOnly spellCheck={false} onFocus={(event) => event.target.select()} />
        <Button look="quiet" onClick={() => void copy()}>Copy</Button>
      </div>
      <p className="small muted" role="status">{told || "\u00a0"}</p>
      <div className="row end"><Button onClick={onClose}>I have kept it</Button></div>
    </Dialog>
  );
}

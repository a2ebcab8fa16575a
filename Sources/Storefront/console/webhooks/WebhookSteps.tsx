import { type ReactNode, useState } from "react";
import { client } from "../../common/client";
import { Button, Dialog, Notice } from "../../common/controls";
import { forget } from "../../common/query";
import { navigate } from "../../common/router";
import { toast } from "../../common/toast";
import { useAction, usePostOnce } from "../asking";
import { Failure } from "../parts";
import { SecretDialog } from "./parts";
import { type Refused, refusedWords, type Webhook, webhookPath, webhooksPath, type WebhookWithSecret } from "./types";

type Question = "rotate" | "delete";
type Tested = Refused & { taken: boolean };

/** What can be done with an endpoint. */
export function WebhookSteps({ webhook, reload, onChange }: { webhook: Webhook; reload: () => void; onChange: () => void }) {
  const path = webhookPath(webhook.id);
  const switching = useAction();
  const testing = useAction();
  const [tested, setTested] = useState<Tested>();
  const [question, setQuestion] = useState<Question>();
  const [secret, setSecret] = useState<string>();
  // Kept by the page: a dialog that is opened again asks under the same key while the outcome is unknown.
  const postOnce = usePostOnce();
  const toggle = () => void switching.run(async () => {
    await client.patch(path, { enabled: !webhook.enabled });
    toast(webhook.enabled ? "The endpoint is told of nothing from now on." : "The endpoint is told of what happens from now on.");
    reload();
  });
  const test = () => void testing.run(async () => {
    setTested(undefined);
    setTested(await client.post<Tested>(`${path}/test`));
  });
  const rotate = async () => {
    const rotated = await postOnce<WebhookWithSecret>(`${path}/rotate-secret`, undefined);
    setQuestion(undefined);
    setSecret(rotated.secret);
    reload();
  };
  const remove = async () => {
    await client.delete(path);
    forget(webhooksPath);
    toast("The endpoint is deleted.");
    navigate("/console/webhooks", { replaces: true });
  };
  return (
    <>
      {switching.error !== undefined && <Failure error={switching.error} />}
      {testing.error !== undefined && <Failure error={testing.error} />}
      {tested && (
        <Notice tone={tested.taken ? "good" : "warn"}>
          {tested.taken ? "The endpoint took the test event." : `The endpoint did not take the test event. ${refusedWords(tested)}`}
        </Notice>
      )}
      <div className="row">
        <Button look="quiet" onClick={onChange}>Change</Button>
        <Button look="quiet" isBusy={switching.isBusy} onClick={toggle}>{webhook.enabled ? "Disable" : "Enable"}</Button>
        <Button look="quiet" isBusy={testing.isBusy} onClick={test}>Send a test event</Button>
        <Button look="quiet" onClick={() => setQuestion("rotate")}>Rotate the secret</Button>
        <Button look="danger" onClick={() => setQuestion("delete")}>Delete</Button>
      </div>
      {question === "rotate" && (
        <Confirmation title="Rotate the secret?" does="Rotate" work={rotate} onClose={() => setQuestion(undefined)}>
          <p>The endpoint gets another secret. For 24 hours both sign, so that the receiver can be given the newer one meanwhile; of three within 24 hours the first is good no more.</p>
        </Confirmation>
      )}
      {question === "delete" && (
        <Confirmation title="Delete the endpoint?" does="Delete for good" work={remove} onClose={() => setQuestion(undefined)}>
          <p>{webhook.url} is told of nothing more, and what it has not taken is forgotten. This cannot be taken back.</p>
        </Confirmation>
      )}
      {secret !== undefined && <SecretDialog secret={secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}

interface ConfirmationProperties {
  title: string;
  does: string;
  work: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something is done that cannot be taken back. */
function Confirmation({ title, does, work, onClose, children }: ConfirmationProperties) {
  const action = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {action.error !== undefined && <Failure error={action.error} />}
      <div className="row end">
        <Button look="quiet" onClick={onClose}>Back</Button>
        <Button className="warning" isBusy={action.isBusy} onClick={() => void action.run(work)}>{does}</Button>
      </div>
    </Dialog>
  );
}

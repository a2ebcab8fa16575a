import { useState } from "react";
import { client } from "../../common/client";
import { Notice, Skeleton } from "../../common/controls";
import { formatTime } from "../../common/money";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import { toast } from "../../common/toast";
import { useIsAdmin } from "../account";
import { spaced } from "../events/words";
import { Failure, Page } from "../parts";
import { Deliveries } from "./Deliveries";
import { State } from "./parts";
import { every, type Webhook, webhookPath } from "./types";
import { type WebhookBody, WebhookForm } from "./WebhookForm";
import { WebhookSteps } from "./WebhookSteps";

/** One endpoint: what it is told, what can be done with it, and what it has not taken. */
export function WebhookPage({ id }: { id: string }) {
  const isAdmin = useIsAdmin();
  const { document: webhook, error, reload } = useQuery<Webhook>(isAdmin ? webhookPath(id) : null, { every });
  const [isChanging, setChanging] = useState(false);
  if (!isAdmin) return <Page title="Webhook"><Notice>Webhooks are for administrators only.</Notice></Page>;
  const change = async (body: WebhookBody) => {
    await client.patch(webhookPath(id), body);
    setChanging(false);
    toast("The endpoint is changed.");
    reload();
  };
  return (
    <Page title={webhook?.url ?? "Webhook"} above={<Link to="/console/webhooks">Webhooks</Link>}>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {!webhook && error === undefined && <Skeleton height="320px" />}
      {webhook && (
        <>
          <section className="card stack" aria-label="Endpoint">
            <dl className="facts">
              <dt>State</dt><dd><State webhook={webhook} /></dd>
              <dt>Events</dt><dd>{webhook.types.length === 0 ? "All" : webhook.types.map(spaced).join(", ")}</dd>
              {webhook.description && <><dt>Description</dt><dd className="pre">{webhook.description}</dd></>}
              <dt>Told since</dt><dd>{formatTime(webhook.since)}</dd>
              {webhook.previous_secret_until !== null && (
                <><dt>Secrets</dt><dd>The one before signs too until {formatTime(webhook.previous_secret_until)}.</dd></>
              )}
              <dt>Number</dt><dd><code>{webhook.id}</code></dd>
            </dl>
            <WebhookSteps webhook={webhook} reload={reload} onChange={() => setChanging(true)} />
          </section>
          <Deliveries webhook={webhook} />
        </>
      )}
      {webhook && isChanging && (
        <WebhookForm title="Change the endpoint" does="Change" webhook={webhook} send={change} onClose={() => setChanging(false)} />
      )}
    </Page>
  );
}

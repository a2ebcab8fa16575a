import { useState } from "react";
import { Badge, Button, Notice, Skeleton, Table } from "../../common/controls";
import { formatNumber, formatTime } from "../../common/money";
import { useQuery } from "../../common/query";
import { Link } from "../../common/router";
import { useIsAdmin } from "../account";
import { usePostOnce } from "../asking";
import { spaced } from "../events/words";
import { Empty, Failure, Page, RowSkeletons } from "../parts";
import { SecretDialog, State } from "./parts";
import { deliveriesPath, type Delivery, every, type Webhook, webhooksPath, type WebhookWithSecret } from "./types";
import { type WebhookBody, WebhookForm } from "./WebhookForm";

/** The most that a shop has. */
const endpointsMax = 16;

/** Who is told of the shop's events, and how that fares. */
export function Webhooks() {
  const isAdmin = useIsAdmin();
  const { document: list, error, reload } = useQuery<{ data: Webhook[] }>(isAdmin ? webhooksPath : null, { every });
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  const postOnce = usePostOnce();
  if (!isAdmin) return <Page title="Webhooks"><Notice>Webhooks are for administrators only.</Notice></Page>;
  const add = async (body: WebhookBody) => {
    const added = await postOnce<WebhookWithSecret>(webhooksPath, body);
    setAdding(false);
    setSecret(added.secret);
    reload();
  };
  const isFull = (list?.data.length ?? 0) >= endpointsMax;
  return (
    <Page title="Webhooks" actions={<Button disabled={!list || isFull} onClick={() => setAdding(true)}>Add an endpoint</Button>}>
      <p className="muted">Endpoints are sent the shop’s events as they happen, signed, at least once.{isFull && ` There are ${endpointsMax}, which is the limit.`}</p>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {list ? <Endpoints webhooks={list.data} /> : error === undefined && <RowSkeletons rows={4} />}
      {isAdding && <WebhookForm title="Add an endpoint" does="Add" send={add} onClose={() => setAdding(false)} />}
      {secret !== undefined && <SecretDialog secret={secret} onClose={() => setSecret(undefined)} />}
    </Page>
  );
}

function Endpoints({ webhooks }: { webhooks: readonly Webhook[] }) {
  if (webhooks.length === 0) return <Empty>No endpoint is told of anything yet.</Empty>;
  return (
    <Table caption="Endpoints" rows={webhooks} rowKey={(webhook) => webhook.id} columns={[
      {
        title: "Endpoint", cell: (webhook) => (
          <span className="endpoint">
            <Link to={`/console/webhooks/${webhook.id}`}>{webhook.url}</Link>
            {webhook.description && <span className="small muted block">{webhook.description}</span>}
          </span>
        ),
      },
      { title: "Events", cell: ({ types }) => eventWords(types) },
      { title: "State", cell: (webhook) => <State webhook={webhook} /> },
      { title: "Not taken yet", cell: (webhook) => <Behind id={webhook.id} /> },
    ]} />
  );
}

/** So many names of events stand in a line. */
const namedMax = 2;

function eventWords(types: readonly string[]): string {
  if (types.length === 0) return "All";
  const named = types.slice(0, namedMax).map(spaced).join(", ");
  return types.length > namedMax ? `${named} and ${types.length - namedMax} more` : named;
}

/** How far behind an endpoint is, and what it has failed to take. */
function Behind({ id }: { id: string }) {
  const { document: list, error } = useQuery<{ data: Delivery[] }>(deliveriesPath(id), { every });
  if (!list) return error === undefined ? <Skeleton width="8em" /> : <>not known</>;
  const waiting = list.data.filter(({ state }) => state === "waiting");
  const failed = list.data.length - waiting.length;
  if (list.data.length === 0) return <>Nothing</>;
  const oldest = waiting.map(({ first_at }) => first_at).sort()[0];
  return (
    <>
      {failed > 0 && <Badge tone="bad">{formatNumber(failed)} failed</Badge>}
      {oldest !== undefined && (
        <>{" "}<Badge tone="warn">{formatNumber(waiting.length)} waiting</Badge>{" "}
          <span className="small muted block">since {formatTime(oldest, "short")}</span></>
      )}
    </>
  );
}

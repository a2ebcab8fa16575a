import { client } from "../../common/client";
import { Badge, Button, Table } from "../../common/controls";
import { formatNumber, formatTime } from "../../common/money";
import { useQuery } from "../../common/query";
import { toast } from "../../common/toast";
import { useAction } from "../asking";
import { spaced } from "../events/words";
import { Empty, Failure, RowSkeletons } from "../parts";
import { deliveriesPath, type Delivery, every, refusedWords, type Webhook, webhookPath } from "./types";

/** What an endpoint has not taken: what is tried again by itself, and what has failed and can be replayed. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const { document: list, error, reload } = useQuery<{ data: Delivery[] }>(deliveriesPath(webhook.id), { every });
  const action = useAction();
  const replay = (event?: string) => void action.run(async () => {
    const { replayed } = await client.post<{ replayed: number }>(`${webhookPath(webhook.id)}/replay`, event === undefined ? {} : { event });
    toast(replayed === 1 ? "One event is sent again soon." : `${formatNumber(replayed)} events are sent again soon.`);
    reload();
  });
  const failed = list?.data.filter(({ state }) => state === "failed").length ?? 0;
  return (
    <section className="stack" aria-labelledby="deliveries">
      <div className="spread middle">
        <h2 id="deliveries">Not taken yet</h2>
        {failed > 0 && (
          <Button look="quiet" isBusy={action.isBusy} disabled={!webhook.enabled} onClick={() => replay()}>Replay all that failed</Button>
        )}
      </div>
      {failed > 0 && !webhook.enabled && <p className="muted">A disabled endpoint is sent nothing: enable it to replay what has failed.</p>}
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {action.error !== undefined && <Failure error={action.error} />}
      {!list && error === undefined && <RowSkeletons rows={3} />}
      {list?.data.length === 0 && <Empty>The endpoint has taken everything.</Empty>}
      {list && list.data.length > 0 && (
        <Table caption="Events that the endpoint has not taken" rows={list.data} rowKey={(delivery) => delivery.event} columns={[
          { title: "Event", cell: ({ type, event }) => <>{spaced(type)} <code className="small muted block">{event}</code></> },
          {
            title: "State", cell: ({ state, due_at }) => (state === "failed" ? <Badge tone="bad">Failed</Badge> : (
              <><Badge tone="warn">Waiting</Badge>{due_at !== null && <span className="small muted block">again {formatTime(due_at, "short")}</span>}</>
            )),
          },
          { title: "Why", cell: refusedWords },
          { title: "Attempts", isNumber: true, cell: ({ attempts }) => formatNumber(attempts) },
          { title: "First tried", cell: ({ first_at }) => <span className="nowrap">{formatTime(first_at, "short")}</span> },
          {
            title: "Step", cell: ({ state, event }) => state === "failed" && (
              <Button look="plain" aria-label={`Replay ${event}`} isBusy={action.isBusy} disabled={!webhook.enabled} onClick={() => replay(event)}>Replay</Button>
            ),
          },
        ]} />
      )}
    </section>
  );
}

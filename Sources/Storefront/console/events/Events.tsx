import { useState } from "react";
import { Badge, Button, SelectField } from "../../common/controls";
import { formatNumber } from "../../common/money";
import { Link } from "../../common/router";
import type { CloudEvent } from "../../common/types";
import { useEvents } from "../feed";
import { Empty, Page } from "../parts";
import { spaced } from "./words";

const shownMax = 200;

/** What happens in the shop, as it happens. */
export function Events() {
  const feed = useEvents();
  const [type, setType] = useState("");
  const [held, setHeld] = useState<readonly CloudEvent[] | null>(null);
  const events = held ?? feed.events;
  const types = [...new Set(feed.events.map((event) => event.type))].sort();
  const shown = events.filter((event) => type === "" || event.type === type).slice(0, shownMax);
  return (
    <Page title="Events" actions={<Button look="quiet" aria-pressed={held !== null} onClick={() => setHeld(held ? null : feed.events)}>{held ? "Go on" : "Hold"}</Button>}>
      <div className="filters">
        <SelectField label="Type" value={type} onChange={(event) => setType(event.target.value)}>
          <option value="">All</option>
          {types.map((one) => <option key={one} value={one}>{spaced(one)}</option>)}
        </SelectField>
        <p className="small muted feed-state">
          <Badge tone={feed.isLive ? "good" : "warn"}>{feed.isLive ? "Live" : "Connecting"}</Badge>
          {" "}{formatNumber(feed.count)} since this page was loaded{held && <>, held at {formatNumber(held.length)}</>}
        </p>
      </div>
      {shown.length === 0 && <Empty>Nothing has happened since this page was loaded. What comes is shown here at once.</Empty>}
      <ol className="events" aria-label="Events, newest first">
        {shown.map((event) => <EventRow key={event.id} event={event} />)}
      </ol>
    </Page>
  );
}

function EventRow({ event }: { event: CloudEvent }) {
  return (
    <li>
      <details>
        <summary>
          <time className="muted number" dateTime={event.time}>{new Date(event.time).toLocaleTimeString()}</time>
          <strong>{spaced(event.type)}</strong>
          <span className="muted">{event.subject}</span>
        </summary>
        <div className="stack tight event-body">
          <Subject subject={event.subject} />
          <pre tabIndex={0} aria-label="The event in JSON">{JSON.stringify(event.data, null, 2)}</pre>
        </div>
      </details>
    </li>
  );
}

function Subject({ subject = "" }: { subject?: string | undefined }) {
  if (subject.startsWith("ord_")) return <Link to={`/console/orders/${subject}`}>To the order</Link>;
  if (subject.startsWith("prd_")) return <Link to={`/console/products/${subject}`}>To the product</Link>;
  if (subject.startsWith("cus_")) return <Link to={`/console/customers/${subject}`}>To the customer</Link>;
  return null;
}

import { Button, Notice } from "../common/controls";
import { explain } from "../common/problem";

/** What could not be read, and another try. */
export function Failure({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <Notice tone="bad">
      <div className="row"><span>{explain(error)}</span><Button look="quiet" onClick={retry}>Try again</Button></div>
    </Notice>
  );
}

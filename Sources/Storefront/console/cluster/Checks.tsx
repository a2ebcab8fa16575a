import { Badge, Skeleton, type Tone } from "../../common/controls";
import { useQuery } from "../../common/query";
import { Failure } from "../parts";

interface Readiness {
  status: string;
  checks?: { name: string; status: "good" | "degraded" | "failing"; detail?: string }[];
}

const tones: Record<string, Tone> = { good: "good", degraded: "warn", failing: "bad" };
const titles: Record<string, string> = { node: "Node", log: "Log", payments: "Payment provider" };

/** What the node that answers says of itself. The circuit breaker of payments is closed when that check is good. */
export function Checks() {
  const query = useQuery<Readiness>("/readyz?verbose", { every: 2000 });
  return (
    <section className="card stack" aria-labelledby="checks">
      <h2 id="checks">Checks of the node that answers</h2>
      {query.error !== undefined && <Failure error={query.error} onRetry={query.reload} />}
      {query.document
        ? (
          <ul className="checks">
            {query.document.checks?.map((check) => (
              <li key={check.name} className="row">
                <strong>{titles[check.name] ?? check.name}</strong>
                <Badge tone={tones[check.status] ?? "plain"}>{check.status}</Badge>
                {check.name === "payments" && (
                  <span className="small muted">{check.status === "good" ? "The circuit breaker is closed." : "The circuit breaker is open; payments are not tried."}</span>
                )}
                {check.detail !== undefined && <span className="small">{check.detail}</span>}
              </li>
            ))}
          </ul>
        )
        : query.error === undefined && <Skeleton height="108px" />}
    </section>
  );
}

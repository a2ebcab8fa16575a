import { type CSSProperties, type ReactNode, useEffect, useRef } from "react";
import { Button, Skeleton, type Tone } from "../common/controls";
import { Problem, Unreachable } from "../common/problem";

interface PageProperties {
  title: string;
  /** Stands before the title: where the page belongs. */
  above?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page under its title. After a change of pages the focus is on the title, so that a screen reader begins there. */
export function Page({ title, above, actions, children }: PageProperties) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const isFirst = document.activeElement === document.body && history.length <= 1;
    if (!isFirst) heading.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => { document.title = `${title} · CloudRetail console`; }, [title]);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          {above !== undefined && <p className="small muted above">{above}</p>}
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

interface FailureProperties {
  error: unknown;
  onRetry?: () => void;
}

/** What was refused, in the words of the interface: title, detail, the fields, and what to name to support. */
export function Failure({ error, onRetry }: FailureProperties) {
  const { title, detail } = words(error);
  const problem = error instanceof Problem ? error.document : null;
  return (
    <div className="notice bad stack tight" role="alert">
      <p><strong>{title}</strong></p>
      {detail !== undefined && <p>{detail}</p>}
      {problem?.errors && (
        <ul className="bullets">
          {problem.errors.map((field) => <li key={field.pointer + field.detail}><code>{field.pointer}</code> {field.detail}</li>)}
        </ul>
      )}
      {problem?.shortages && (
        <ul className="bullets">
          {problem.shortages.map((one) => <li key={one.sku}>{one.sku}: {one.requested} wanted, {one.available} there</li>)}
        </ul>
      )}
      {problem && <p className="small">{problem.status} <code>{problem.code}</code>{problem.instance && <> · {problem.instance}</>}</p>}
      {onRetry && <div><Button look="quiet" onClick={onRetry}>Try again</Button></div>}
    </div>
  );
}

function words(error: unknown): { title: string; detail?: string | undefined } {
  if (error instanceof Problem) return { title: error.document.title, detail: error.document.detail };
  if (error instanceof Unreachable) {
    return { title: "No node answers.", detail: "Every node was tried for half a minute. What was asked may have been done." };
  }
  return { title: "Something went wrong in this page.", detail: error instanceof Error ? error.message : undefined };
}

/** A figure with a longer word does not fit into half a telephone in the size of the others. */
const shortMax = 9;

/** A number that the page is about. */
export function Figure({ title, value, note, tone = "plain" }: {
  title: string; value: string | undefined; note?: string | undefined; tone?: Tone;
}) {
  const length = Math.max(4, ...(value ?? "").split(" ").map((word) => word.length));
  // The style sheet makes the longest word fit the card.
  const lengthOf = { "--length": length } as CSSProperties;
  return (
    <div className={`card figure ${tone} ${length > shortMax ? "long" : ""}`}>
      <dt>{title}</dt>
      <dd style={lengthOf}>{value ?? <Skeleton width="60%" height="1.2em" />}</dd>
      <dd className="small muted">{note || "\u00a0"}</dd>
    </div>
  );
}

/** Stands for a table that is being read. */
export function RowSkeletons({ rows = 8 }: { rows?: number }) {
  return (
    <div className="rows" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => <Skeleton key={row} height="44px" />)}
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty muted">{children}</p>;
}

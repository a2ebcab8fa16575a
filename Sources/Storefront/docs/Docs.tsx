import { load } from "js-yaml";
import { useEffect, useState } from "react";
import { Notice, Skeleton, TextField } from "../common/controls";
import { useIsLoggedIn } from "../common/query";
import { type Description, type Operation, operations } from "./description";
import { OperationView } from "./OperationView";
import { Prose } from "./Prose";

async function read(signal: AbortSignal): Promise<Description> {
  const response = await fetch("/openapi.yaml", { signal });
  if (!response.ok) throw new Error(`/openapi.yaml was answered with ${response.status}.`);
  return load(await response.text()) as Description;
}

/** The interface as the node describes it, to be read and tried out. */
export function Docs() {
  const [description, setDescription] = useState<Description>();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    document.title = "Interface · CloudRetail";
    const stop = new AbortController();
    read(stop.signal).then(setDescription).catch((error: unknown) => {
      if (!stop.signal.aborted) setFault(error instanceof Error ? error.message : "The description cannot be read.");
    });
    return () => stop.abort();
  }, []);
  return (
    <main className="docs">
      {fault !== undefined && <Notice tone="bad">{fault}</Notice>}
      {description ? <Whole description={description} /> : fault === undefined && <><h1>Interface</h1><Skeleton height="90vh" /></>}
    </main>
  );
}

function Whole({ description }: { description: Description }) {
  const { info, tags } = description;
  const [filter, setFilter] = useState("");
  const isLoggedIn = useIsLoggedIn();
  const isShown = ({ path, summary, operationId }: Operation) =>
    `${path} ${summary} ${operationId}`.toLowerCase().includes(filter.trim().toLowerCase());
  const shown = operations(description).filter(isShown);
  useEffect(() => { document.getElementById(location.hash.slice(1))?.scrollIntoView(); }, []);
  return (
    <>
      <header className="stack">
        <p className="small muted"><a href="/">Shop</a> · <a href="/console">Console</a> · <a href="/openapi.yaml">openapi.yaml</a></p>
        <h1>{info.title} {info.version}</h1>
        <p className="lead">{info.summary}</p>
        <details><summary>What holds for every request</summary><div className="stack prose">{info.description && <Prose text={info.description} />}</div></details>
        <p className="small muted">
          {isLoggedIn ? "Requests go out as the account that is logged in at the shop or the console of this browser."
            : "Log in at the shop or the console, and requests go out as that account."}
        </p>
        <TextField label="Find an operation" type="search" value={filter} onChange={(event) => setFilter(event.target.value)} />
      </header>
      {tags.map(({ name, description: about }) => {
        const own = shown.filter((operation) => operation.tags[0] === name);
        return own.length > 0 && (
          <section key={name} aria-labelledby={`tag-${name}`}>
            <h2 id={`tag-${name}`}>{name} <span className="muted small">{about}</span></h2>
            {own.map((operation) => <OperationView key={operation.operationId} description={description} operation={operation} />)}
          </section>
        );
      })}
      {shown.length === 0 && <p className="muted" role="status">No operation matches.</p>}
    </>
  );
}

import { type FormEvent, useId, useState } from "react";
import { client, newKey } from "../common/client";
import { Badge, Button, Notice, TextField } from "../common/controls";
import { type Description, type Operation, resolve } from "./description";
import { exampleOf } from "./example";
import { words } from "./SchemaView";

interface Told {
  status: number;
  headers: [string, string][];
  text: string;
  /** Until the answer began. */
  milliseconds: number;
}

/** An answer that never ends, such as the event feed's, is cut off after so long, and one that is long after so many characters. */
const patience = 5_000;
const shownMax = 100_000;

/** Sends the request that a form has made, as the one who is logged in, if anyone is. */
async function send(operation: Operation, values: FormData): Promise<Told> {
  const { method, path, parameters } = operation;
  const value = (name: string) => String(values.get(name) ?? "").trim();
  const query = new URLSearchParams();
  const headers = new Headers();
  let place = path;
  for (const parameter of parameters) {
    const given = value(parameter.name);
    if (parameter.in === "path") place = place.replace(`{${parameter.name}}`, encodeURIComponent(given));
    else if (given !== "" && parameter.in === "query") query.set(parameter.name, given);
    else if (given !== "") headers.set(parameter.name, given);
  }
  const token = operation.role === null ? null : await client.session.token();
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), patience);
  const init: RequestInit = { method: method.toUpperCase(), headers, credentials: "omit", signal: limit.signal };
  if (operation.requestBody && value("body") !== "") {
    headers.set("Content-Type", "application/json");
    init.body = value("body");
  }
  const text = query.toString();
  const begin = performance.now();
  try {
    const response = await fetch(text === "" ? place : `${place}?${text}`, init);
    const milliseconds = Math.round(performance.now() - begin);
    return { status: response.status, headers: [...response.headers], text: await bodyOf(response), milliseconds };
  } finally {
    clearTimeout(timer);
  }
}

/** The body as far as it has come in time; JSON in lines. */
async function bodyOf(response: Response): Promise<string> {
  let text = "";
  try {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader?.read(); part && !part.done && text.length < shownMax; part = await reader?.read()) text += part.value;
  } catch {
    return `${text}…`;
  }
  const isJSON = response.headers.get("Content-Type")?.includes("json") === true;
  return text.length >= shownMax ? `${text.slice(0, shownMax)}…` : isJSON ? JSON.stringify(JSON.parse(text), null, 2) : text;
}

/** A form that sends the request, and what was answered. */
export function TryIt({ description, operation }: { description: Description; operation: Operation }) {
  const [told, setTold] = useState<Told | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const body = useId();
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      setTold(await send(operation, new FormData(event.currentTarget)));
    } catch (error) {
      setTold(null);
      setFault(error instanceof Error ? error.message : "The request could not be sent.");
    }
    setBusy(false);
  };
  return (
    <form className="stack try" aria-label={`Try ${operation.operationId}`} onSubmit={(event) => void submit(event)}>
      {operation.parameters.map((parameter) => (
        <TextField key={parameter.name} label={parameter.name} name={parameter.name} required={parameter.in === "path"}
          defaultValue={parameter.name === "Idempotency-Key" ? newKey() : ""} autoComplete="off" spellCheck={false}
          hint={[parameter.in, words(resolve(description, parameter.schema ?? {}))].filter(Boolean).join(" · ")} />
      ))}
      {schema && (
        <div className="field">
          <label htmlFor={body}>Body</label>
          <textarea id={body} name="body" rows={8} spellCheck={false} className="code"
            defaultValue={JSON.stringify(exampleOf(description, schema), null, 2)} />
        </div>
      )}
      <div><Button type="submit" isBusy={isBusy}>Send</Button></div>
      {fault !== undefined && <Notice tone="bad">{fault}</Notice>}
      {told && (
        <section className="stack tight" aria-label={`Answer of ${operation.operationId}`}>
          <p className="row" role="status">
            <Badge tone={told.status < 400 ? "good" : "bad"}>{told.status}</Badge>
            <span className="small muted">{told.milliseconds} ms</span>
          </p>
          <pre tabIndex={0} aria-label="Header fields">{told.headers.map(([name, value]) => `${name}: ${value}`).join("\n")}</pre>
          {told.text !== "" && <pre tabIndex={0} aria-label="Body">{told.text}</pre>}
        </section>
      )}
    </form>
  );
}

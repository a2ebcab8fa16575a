import { useState } from "react";
import { Badge } from "../common/controls";
import { type Answer, type Description, type Operation, resolve } from "./description";
import { Prose } from "./Prose";
import { SchemaView } from "./SchemaView";
import { TryIt } from "./TryIt";

const roleWords = (role: string): string => (role === "" ? "logged in" : role);

/** One operation under its line; what is in it is drawn when it is opened. */
export function OperationView({ description, operation }: { description: Description; operation: Operation }) {
  const [isOpen, setOpen] = useState(location.hash === `#${operation.operationId}`);
  const { method, path, summary, role, operationId } = operation;
  return (
    <details id={operationId} className="operation" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={`method ${method}`}>{method.toUpperCase()}</span>
        <code className="path">{path}</code>
        <span className="muted summary">{summary}</span>
        {role !== null && <Badge>{roleWords(role)}</Badge>}
      </summary>
      {isOpen && <Inside description={description} operation={operation} />}
    </details>
  );
}

function Inside({ description, operation }: { description: Description; operation: Operation }) {
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return (
    <div className="inside">
      <div className="stack">
        {operation.description && <Prose text={operation.description} />}
        {schema && <><h3>Body</h3><SchemaView description={description} schema={schema} /></>}
        <h3>Answers</h3>
        <ul className="answers">
          {Object.entries(operation.responses).map(([status, answer]) => (
            <li key={status}><AnswerView description={description} status={status} answer={resolve(description, answer)} /></li>
          ))}
        </ul>
      </div>
      <div className="stack">
        <h3>Try it</h3>
        <TryIt description={description} operation={operation} />
      </div>
    </div>
  );
}

function AnswerView({ description, status, answer }: { description: Description; status: string; answer: Answer }) {
  const schema = Object.values(answer.content ?? {})[0]?.schema;
  const told = <><code>{status}</code> <span className="small">{answer.description?.trim().split("\n")[0]}</span></>;
  if (!schema || Number(status) >= 400) return <p>{told}</p>;
  return <details><summary>{told}</summary><SchemaView description={description} schema={schema} /></details>;
}

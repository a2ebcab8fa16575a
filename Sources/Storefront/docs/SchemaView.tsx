import { type Description, nameOf, resolve, type Schema } from "./description";
import { Prose } from "./Prose";

/** Parts of parts that are shown at once. */
const depthMax = 4;

/** What a value has to be, in a few words. */
export function words(schema: Schema): string {
  const types = ([] as string[]).concat(schema.type ?? []).join(" or ");
  const limits = [
    schema.format, schema.const !== undefined && `always ${JSON.stringify(schema.const)}`,
    schema.enum && `one of ${schema.enum.map((value) => String(value)).join(", ")}`,
    schema.minimum !== undefined && `at least ${schema.minimum}`, schema.maximum !== undefined && `at most ${schema.maximum}`,
    schema.minLength !== undefined && `${schema.minLength} characters or more`,
    schema.maxLength !== undefined && `${schema.maxLength} characters at most`,
    schema.minItems !== undefined && `${schema.minItems} or more`, schema.maxItems !== undefined && `${schema.maxItems} at most`,
    schema.pattern && `matches ${schema.pattern}`, schema.default !== undefined && `${String(schema.default)} unless named`,
  ].filter(Boolean);
  return [types, ...limits].filter(Boolean).join(" · ");
}

/** A schema, part by part. */
export function SchemaView({ description, schema, depth = 0 }: { description: Description; schema: Schema; depth?: number }) {
  const known = resolve(description, schema);
  const parts = [...known.allOf ?? [], ...known.anyOf ?? []];
  const items = known.items && resolve(description, known.items);
  return (
    <div className="schema">
      <p className="small muted">{[nameOf(schema), words(known)].filter(Boolean).join(" · ")}</p>
      {known.description && <Prose text={known.description} />}
      {depth < depthMax && (
        <>
          {known.properties && (
            <dl className="properties">
              {Object.entries(known.properties).map(([name, part]) => (
                <div key={name}>
                  <dt><code>{name}</code>{known.required?.includes(name) && <span className="required"> required</span>}</dt>
                  <dd><SchemaView description={description} schema={part} depth={depth + 1} /></dd>
                </div>
              ))}
            </dl>
          )}
          {known.items && items?.type === "object" && <SchemaView description={description} schema={known.items} depth={depth + 1} />}
          {known.items && items?.type !== "object" && <p className="small muted">of {nameOf(known.items) ?? words(items ?? {})}</p>}
          {parts.map((part, index) => <SchemaView key={index} description={description} schema={part} depth={depth + 1} />)}
        </>
      )}
    </div>
  );
}

import { type Description, resolve, type Schema } from "./description";

/** Deeper than any body that a person types; a schema that holds itself ends here. */
const depthMax = 6;

/** A body that fits a schema, to begin with: what is required, and values that say what they are. */
export function exampleOf(description: Description, schema: Schema, depth = 0): unknown {
  const known = resolve(description, schema);
  if (depth > depthMax) return null;
  if (known.const !== undefined) return known.const;
  if (known.default !== undefined) return known.default;
  if (known.enum) return known.enum[0];
  const part = known.anyOf?.[0] ?? known.allOf?.[0];
  if (part && !known.properties) return exampleOf(description, part, depth + 1);
  switch (Array.isArray(known.type) ? known.type[0] : known.type) {
    case "object": {
      const names = Object.keys(known.properties ?? {}).filter((name) => known.required?.includes(name));
      return Object.fromEntries(names.map((name) => [name, exampleOf(description, known.properties?.[name] ?? {}, depth + 1)]));
    }
    case "array": return known.items ? [exampleOf(description, known.items, depth + 1)] : [];
    case "integer": case "number": return known.minimum ?? 1;
    case "boolean": return true;
    case "string": return known.format === "email" ? "ada@example.com" : "";
    default: return null;
  }
}

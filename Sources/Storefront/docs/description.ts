/** The parts of OpenAPI 3.1 that `/openapi.yaml` is made of. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  description?: string;
  schema?: Schema;
}

type Content = Record<string, { schema?: Schema }>;

interface RequestBody {
  $ref?: string;
  content: Content;
}

export interface Answer {
  $ref?: string;
  description?: string;
  content?: Content;
}

interface Described {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: RequestBody;
  responses: Record<string, Answer>;
}

export interface Description {
  info: { title: string; version: string; summary?: string; description?: string };
  tags: { name: string; description?: string }[];
  security?: Record<string, string[]>[];
  paths: Record<string, Record<string, Described> & { parameters?: Parameter[] }>;
}

const methods = ["get", "post", "put", "patch", "delete"] as const;

/** One method of one path, with what all methods of the path have in common. */
export interface Operation extends Described {
  method: typeof methods[number];
  path: string;
  parameters: Parameter[];
  /** The role that it takes; null where anyone may ask, "" where any log-in will do. */
  role: string | null;
}

/** Follows a reference such as `#/components/schemas/Money` (RFC 6901). */
export function resolve<Part extends { $ref?: string }>(description: Description, part: Part): Part {
  if (part.$ref === undefined) return part;
  const names = part.$ref.replace("#/", "").split("/").map((name) => name.replace(/~1/g, "/").replace(/~0/g, "~"));
  const found = names.reduce<unknown>((place, name) => (place as Record<string, unknown> | undefined)?.[name], description);
  return resolve(description, (found ?? {}) as Part);
}

/** The last part of a reference: what people call it. */
export const nameOf = ({ $ref }: { $ref?: string }): string | undefined => $ref?.split("/").pop();

function roleOf(security: Record<string, string[]>[]): string | null {
  if (security.some((way) => Object.keys(way).length === 0)) return null;
  return security[0]?.["bearer"]?.[0] ?? "";
}

/** All operations, in the order in which they are described. */
export function operations(description: Description): Operation[] {
  return Object.entries(description.paths).flatMap(([path, ways]) => methods.flatMap((method) => {
    const described = ways[method];
    if (!described) return [];
    const parameters = [...ways.parameters ?? [], ...described.parameters ?? []].map((one) => resolve(description, one));
    const role = roleOf(described.security ?? description.security ?? []);
    const body = described.requestBody && { requestBody: resolve(description, described.requestBody) };
    return [{ ...described, ...body, method, path, parameters, role }];
  }));
}

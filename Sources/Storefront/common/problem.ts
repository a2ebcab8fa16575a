import type { FieldError, ProblemDocument } from "./types";

/** Refusals that another node, or the same one a little later, does not repeat. Nothing that was paid is among them. */
const passing = new Set([
  "not_ready", "no_leader", "shutting_down", "overloaded", "storage_full", "outcome_unknown",
  "time_limit_exceeded", "idempotency_conflict", "unexpected_answer", "upgrading",
]);

/** What the gateway refused, as RFC 9457 tells it. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly document: ProblemDocument,
    /** When another try makes sense, in milliseconds; null where the answer says nothing. */
    readonly retryAfter: number | null,
  ) {
    super(document.detail ?? document.title);
  }

  get code(): string { return this.document.code; }
  get status(): number { return this.document.status; }

  /** Whether another node, or the same one a little later, may answer otherwise: nothing has been decided. */
  get isPassing(): boolean { return passing.has(this.code); }

  /** What is wrong with the field at `pointer` (RFC 6901 into the body that was sent). */
  fieldError(pointer: string): string | undefined {
    return this.document.errors?.find((error: FieldError) => error.pointer === pointer)?.detail;
  }
}

/** No gateway answered in time. What was asked may have been done: the same idempotency key tells. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor() { super("The shop does not answer at the moment."); }
}

/**
 * Whether a request's outcome is known from its failure: it was refused, and is over. What is asked for after that is
 * another request with another idempotency key; after any other failure the same key has to ask again.
 */
export const isDecided = (error: unknown): boolean => error instanceof Problem && !error.isPassing && error.status < 500;

/** What a person is told of a failure. */
export function explain(error: unknown): string {
  if (error instanceof Problem && !error.isPassing) return error.message;
  // Why a node takes nothing at the moment is the operator's affair.
  if (error instanceof Problem || error instanceof Unreachable) return "The shop does not answer at the moment. Please try again.";
  return "Something went wrong. Please try again.";
}

/** Reads the problem in an answer; an answer that holds none, such as a proxy's page, becomes one. */
export async function readProblem(response: Response): Promise<Problem> {
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = seconds > 0 ? seconds * 1000 : null;
  const type = response.headers.get("Content-Type") ?? "";
  if (type.startsWith("application/problem+json")) {
    return new Problem(await response.json() as ProblemDocument, retryAfter);
  }
  const title = "The answer was not understood.";
  return new Problem({ type: "about:blank", title, status: response.status, code: "unexpected_answer" }, retryAfter);
}

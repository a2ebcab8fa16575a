import { Gateways, pause } from "./gateways";
import { Guest, type GuestToken } from "./guest";
import { noteLateness } from "./lateness";
import { readProblem, Unreachable } from "./problem";
import { Session } from "./session";
import type { Tokens } from "./types";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Call {
  body?: unknown;
  /** Names the request. Every try carries the same one; a POST without one gets a fresh one. */
  idempotencyKey?: string;
  /** The version that a change is meant for. */
  ifMatch?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Whose token goes along: by default the session's, and without a session the guest's. */
  as?: "guest" | "anyone" | undefined;
  /** The token of a session that this page has closed: the request goes on when the page goes. */
  token?: string;
}

export interface Answer<Document> {
  status: number;
  document: Document;
  /** The version, to be named in `ifMatch`. */
  tag: string | null;
}

/** Longer than a payment provider that hangs: the gateway then answers 202. */
const attemptMax = 20_000;
/** Longer than an election. */
const patience = 30_000;
const pauseFirst = 200;
const pauseMax = 2_000;

export const newKey = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** The interface of the shop: one call at a time, tried on one node after the other under one idempotency key. */
export class Client {
  readonly session: Session;
  readonly guest: Guest;

  constructor(private readonly gateways: Gateways) {
    this.session = new Session((refreshToken) => this.renew(refreshToken));
    this.guest = new Guest(() => this.post<GuestToken>("/api/v1/auth/guest", undefined, { as: "anyone" }));
  }

  /** Whether there is an account or a guest, whose cart and orders may be read. */
  get isKnown(): boolean { return this.session.isOpen || this.guest.token !== null; }

  get<Document>(path: string, call: Call = {}): Promise<Document> { return this.document("GET", path, call); }
  post<Document>(path: string, body?: unknown, call: Call = {}): Promise<Document> {
    return this.document("POST", path, { body, ...call });
  }
  put<Document>(path: string, body: unknown, call: Call = {}): Promise<Document> {
    return this.document("PUT", path, { body, ...call });
  }
  patch<Document>(path: string, body: unknown, call: Call = {}): Promise<Document> {
    return this.document("PATCH", path, { body, ...call });
  }
  delete<Document>(path: string, call: Call = {}): Promise<Document> { return this.document("DELETE", path, call); }

  private async document<Document>(method: Method, path: string, call: Call): Promise<Document> {
    return (await this.ask<Document>(method, path, call)).document;
  }

  /**
   * Asks, and goes on asking until a node has decided.
   *
   * @throws Problem what was refused.
   * @throws Unreachable when no node has answered for half a minute.
   */
  async ask<Document>(method: Method, path: string, call: Call = {}): Promise<Answer<Document>> {
    const response = await this.respond(method, path, call);
    const document = response.status === 204 ? undefined : await response.json() as unknown;
    return { status: response.status, document: document as Document, tag: response.headers.get("ETag") };
  }

  /** The answer itself, with a body that is still to be read: of the event feed it never ends. */
  respond(method: Method, path: string, call: Call = {}, accept = "application/json"): Promise<Response> {
    return noteLateness(this.insist(method, path, call, accept));
  }

  private async insist(method: Method, path: string, call: Call, accept: string): Promise<Response> {
    const key = call.idempotencyKey ?? (method === "POST" ? newKey() : undefined);
    const end = Date.now() + patience;
    let wait = pauseFirst;
    let hasRenewed = false;
    for (let tries = 1; ; tries += 1) {
      const origin = this.gateways.origin;
      const token = await this.token(call);
      const response = await this.attempt(origin + path, method, call, { key, token, accept });
      if (response?.ok) return response;
      const problem = response && await readProblem(response);
      if (problem?.status === 401 && token !== null && !hasRenewed) {
        hasRenewed = true;
        if (token === this.guest.token) this.guest.forget();
        else await this.session.renewAfter(token);
        // Where there is no other token, what anyone may read is read without one.
        if (call.token === undefined) continue;
      }
      if (problem && !problem.isPassing) throw problem;
      if (Date.now() > end) throw problem ?? new Unreachable();
      this.gateways.moveOn(origin);
      if (tries % this.gateways.count === 0) {
        await pause(wait, call.signal);
        wait = Math.min(wait * 2, pauseMax);
      }
    }
  }

  private async token({ as, token }: Call): Promise<string | null> {
    if (token !== undefined) return token;
    if (as === "anyone") return null;
    return (as === "guest" ? null : await this.session.token()) ?? this.guest.token;
  }

  /** One request to one node; null when it did not answer. */
  private async attempt(
    url: string, method: Method, call: Call, extra: { key: string | undefined; token: string | null; accept: string },
  ): Promise<Response | null> {
    const headers = new Headers({ Accept: extra.accept });
    if (call.body !== undefined) headers.set("Content-Type", "application/json");
    if (extra.key !== undefined) headers.set("Idempotency-Key", extra.key);
    if (call.ifMatch !== undefined) headers.set("If-Match", call.ifMatch);
    if (extra.token !== null) headers.set("Authorization", `Bearer ${extra.token}`);
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, attemptMax);
    call.signal?.addEventListener("abort", stop, { once: true });
    try {
      const init: RequestInit = { method, headers, signal: limit.signal, credentials: "omit" };
      if (call.body !== undefined) init.body = JSON.stringify(call.body);
      if (call.token !== undefined) init.keepalive = true;
      return await fetch(url, init);
    } catch (error) {
      if (call.signal?.aborted) throw error;
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  private renew(refreshToken: string): Promise<Tokens> {
    return this.post<Tokens>("/api/v1/auth/refresh", { refresh_token: refreshToken }, { as: "anyone" });
  }

  async logIn(email: string, password: string): Promise<void> {
    const tokens = await this.post<Tokens>("/api/v1/auth/login", { email, password }, { as: "anyone" });
    this.session.open(tokens);
  }

  /** Closes the session here at once, whatever page comes next, and then at the gateway. */
  async logOut(): Promise<void> {
    const token = await this.session.token();
    this.session.close();
    if (token !== null) await this.post("/api/v1/auth/logout", undefined, { token });
  }
}

/** The one that the page uses. */
export const client = new Client(Gateways.ofPage());

import { Problem } from "./problem";
import type { Tokens } from "./types";

interface Kept {
  access: string;
  refresh: string;
  /** When the access token ends, in milliseconds since 1970. */
  ends: number;
}

const place = "cloudretail.session";
/** So long before its end a token is renewed: a request that is under way is not to meet the end. */
const margin = 20_000;

/**
 * Who is logged in, kept over reloads and shared by the tabs of a browser.
 *
 * A refresh token is good once, so that one tab at a time renews; the others then find what it has got.
 */
export class Session {
  private renewal: Promise<boolean> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly renew: (refreshToken: string) => Promise<Tokens>) {
    window.addEventListener("storage", (event) => { if (event.key === place || event.key === null) this.tell(); });
  }

  get isOpen(): boolean { return this.kept() !== null; }

  /** The access token to send, renewed when it is about to end; null without a session. */
  async token(): Promise<string | null> {
    const kept = this.kept();
    if (kept === null) return null;
    if (kept.ends - Date.now() > margin) return kept.access;
    await this.renewAfter(kept.access);
    return this.kept()?.access ?? null;
  }

  /** Gets a token in place of one that the gateway did not take. Whether there is one. */
  renewAfter(refused: string): Promise<boolean> {
    this.renewal ??= this.exclusively(() => this.trade(refused)).finally(() => { this.renewal = null; });
    return this.renewal;
  }

  private async trade(refused: string): Promise<boolean> {
    const kept = this.kept();
    if (kept === null) return false;
    if (kept.access !== refused) return true;
    try {
      this.keep(await this.renew(kept.refresh));
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        this.close();
        return false;
      }
      throw error;
    }
  }

  private exclusively(work: () => Promise<boolean>): Promise<boolean> {
    // Absent where the page has come over plain HTTP from another machine.
    const locks = (navigator as { locks?: LockManager }).locks;
    return locks ? locks.request(place, work) as Promise<boolean> : work();
  }

  open(tokens: Tokens): void {
    this.keep(tokens);
    this.tell();
  }

  /** Leaves nothing of the session's holder in the browser, such as an address or what was ordered as a guest before. */
  close(): void {
    localStorage.clear();
    this.tell();
  }

  /** Calls `listener` at every log-in and log-out, in other tabs too. Returns what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  };

  private tell(): void { for (const listener of this.listeners) listener(); }

  private keep(tokens: Tokens): void {
    const ends = Date.now() + tokens.expires_in * 1000;
    const kept: Kept = { access: tokens.access_token, refresh: tokens.refresh_token, ends };
    localStorage.setItem(place, JSON.stringify(kept));
  }

  private kept(): Kept | null {
    const text = localStorage.getItem(place);
    return text === null ? null : JSON.parse(text) as Kept;
  }
}

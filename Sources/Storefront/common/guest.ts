/** What `POST /api/v1/auth/guest` answers. */
export interface GuestToken {
  access_token: string;
  /** Seconds until it ends, and the guest's cart with it. */
  expires_in: number;
}

interface Kept {
  access: string;
  /** When the token ends, in milliseconds since 1970. */
  ends: number;
  /** What the guest has ordered. */
  orders: string[];
  /** Whether the cart has gone to an account: from then on the token reads orders only. */
  isMerged: boolean;
}

const place = "cloudretail.guest";
/** So long before its end a token is not used any more. */
const margin = 60_000;

/**
 * A visitor without an account, whose token says whose cart and orders they are. Kept over reloads and shared by the tabs
 * of a browser. A log-out forgets it with all else: the next one at this browser is another.
 */
export class Guest {
  private making: Promise<void> | null = null;

  constructor(private readonly make: () => Promise<GuestToken>) {}

  /** Null where there is none, and when it has ended. */
  get token(): string | null { return this.kept()?.access ?? null; }
  /** When the token ends; null where there is none. */
  get ends(): Date | null {
    const kept = this.kept();
    return kept && new Date(kept.ends);
  }
  /** Whether a cart may be under the token that no account has taken. */
  get hasCart(): boolean { return this.kept()?.isMerged === false; }
  get hasOrders(): boolean { return (this.kept()?.orders.length ?? 0) > 0; }

  /** Makes a guest, unless there is one. */
  ensure(): Promise<void> {
    if (this.hasCart) return Promise.resolve();
    this.making ??= this.make().then((made) => this.keep({
      access: made.access_token, ends: Date.now() + made.expires_in * 1000, orders: [], isMerged: false,
    })).finally(() => { this.making = null; });
    return this.making;
  }

  hasOrdered(order: string): boolean { return this.kept()?.orders.includes(order) ?? false; }

  noteOrder(order: string): void {
    const kept = this.kept();
    if (kept && !kept.orders.includes(order)) this.keep({ ...kept, orders: [...kept.orders, order] });
  }

  noteMerge(): void {
    const kept = this.kept();
    if (kept) this.keep({ ...kept, isMerged: true });
  }

  forget(): void { localStorage.removeItem(place); }

  private keep(kept: Kept): void { localStorage.setItem(place, JSON.stringify(kept)); }

  private kept(): Kept | null {
    const kept = JSON.parse(localStorage.getItem(place) ?? "null") as Kept | null;
    return kept && kept.ends - Date.now() > margin ? kept : null;
  }
}

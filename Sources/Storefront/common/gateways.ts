/** Any node serves the whole shop, so a page goes on with the next one when its own does not answer. */
export class Gateways {
  private current = 0;

  /** @param origins of the gateways, the page's own first; "" is the page's own. */
  constructor(private readonly origins: readonly string[]) {}

  /** Those that the node wrote into the page: `<meta name="gateways" content="http://… http://…">`. */
  static ofPage(): Gateways {
    const named = document.querySelector<HTMLMetaElement>("meta[name=gateways]")?.content.split(" ") ?? [];
    return new Gateways(["", ...named.filter((origin) => origin !== "" && origin !== location.origin)]);
  }

  get origin(): string { return this.origins[this.current] ?? ""; }
  get count(): number { return this.origins.length; }

  /** Goes on with the next one, unless another request has moved on from `failed` already. */
  moveOn(failed: string): void {
    if (this.origin === failed) this.current = (this.current + 1) % this.origins.length;
  }
}

export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("aborted", "AbortError"));
    }, { once: true });
  });
}

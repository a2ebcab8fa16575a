import { useEffect, useState } from "react";
import type { Cluster } from "../../common/types";

export interface Check {
  name: string;
  status: "good" | "degraded" | "failing";
  detail?: string;
}

/** How often the nodes are asked, and how long one may take to answer. */
const interval = 2_000;
const patience = 1_500;

/** What a node says of itself; null when it does not answer. */
async function ask(origin: string, signal: AbortSignal): Promise<readonly Check[] | null> {
  const limit = new AbortController();
  const stop = () => limit.abort();
  const timer = setTimeout(stop, patience);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const response = await fetch(`${origin}/readyz?verbose`, { signal: limit.signal, credentials: "omit" });
    return (await response.json() as { checks?: readonly Check[] }).checks ?? [];
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/**
 * What each node that is heard of says of itself, by its number, read again and again while the page is seen. Payments are
 * tried by the node that leads an order's shard, so that no other one knows how its circuit breaker stands.
 */
export function useNodeChecks(nodes: Cluster["nodes"]): ReadonlyMap<number, readonly Check[] | null> {
  const [told, setTold] = useState<ReadonlyMap<number, readonly Check[] | null>>(new Map());
  // As text, which is the same as long as the nodes are where they were: the nodes are read anew each second.
  const origins = JSON.stringify(nodes.filter((node) => node.ready).map(({ id, http }) => [id, http]));
  useEffect(() => {
    const asked = JSON.parse(origins) as [id: number, origin: string][];
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      if (!document.hidden) {
        const answers = await Promise.all(asked.map(async ([id, origin]) => [id, await ask(origin, stop.signal)] as const));
        if (!stop.signal.aborted) setTold(new Map(answers));
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void read(), interval);
    };
    void read();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [origins]);
  return told;
}

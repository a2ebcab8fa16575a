import { useEffect, useRef, useState } from "react";
import type { Cluster, NodeLoad } from "../../common/types";

/** How busy a node is; null where that is not known. */
export interface Busyness {
  /** Requests answered in a second. */
  requests: number | null;
  /** Milliseconds that a change waits for its commitment, on the shards that the node leads; null when there was none. */
  commit: number | null;
}

/** What all nodes did at one look, by their numbers. */
export interface Look {
  at: string;
  nodes: ReadonlyMap<number, Busyness>;
}

/** Looks that are kept: a minute and a half. */
export const looksMax = 90;

/** How busy a node was between two of its reports. */
function between(before: NodeLoad, now: NodeLoad): Busyness {
  const seconds = (now.uptime_ms - before.uptime_ms) / 1000;
  const commits = now.commits - before.commits;
  return {
    requests: (now.requests - before.requests) / seconds,
    commit: commits > 0 ? (now.commit_wait_us - before.commit_wait_us) / commits / 1000 : null,
  };
}

const nothing: Busyness = { requests: null, commit: null };

/** Follows how busy each node is, look after look. A node tells twice a second; without a new report the last one holds. */
export function useLooks(cluster: Cluster | undefined): readonly Look[] {
  const [looks, setLooks] = useState<readonly Look[]>([]);
  const loads = useRef(new Map<number, NodeLoad>()).current;
  const known = useRef(new Map<number, Busyness>()).current;
  useEffect(() => {
    if (!cluster) return;
    for (const { id, load } of cluster.nodes) {
      const before = loads.get(id);
      if (load === null) {
        loads.delete(id);
        known.delete(id);
      } else if (before === undefined || load.uptime_ms < before.uptime_ms) {
        // It has begun anew.
        loads.set(id, load);
        known.delete(id);
      } else if (load.uptime_ms > before.uptime_ms) {
        known.set(id, between(before, load));
        loads.set(id, load);
      }
    }
    const nodes = new Map(cluster.nodes.map(({ id }) => [id, known.get(id) ?? nothing]));
    setLooks((looks) => [...looks.slice(1 - looksMax), { at: new Date().toLocaleTimeString(), nodes }]);
  }, [cluster, loads, known]);
  return looks;
}

import type { Cluster, NodeRole } from "../../common/types";

/** A replica of a shard on a node. */
export interface Replica {
  shard: number;
  node: number;
  role: NodeRole;
  committed: number;
  applied: number;
  /** Entries that are committed somewhere and not applied here. */
  lag: number;
}

export interface ShardView {
  id: number;
  leader: number | null;
  term: number;
  committed: number;
  replicas: Replica[];
}

/** The shards with how far behind each replica is. */
export function shardViews(cluster: Cluster): ShardView[] {
  return cluster.shards.map((shard) => {
    const committed = Math.max(0, ...shard.nodes.map((node) => node.committed));
    return {
      id: shard.id, leader: shard.leader, term: shard.term, committed,
      replicas: shard.nodes.map((node) => ({
        shard: shard.id, node: node.id, role: node.role, committed: node.committed, applied: node.applied,
        lag: Math.max(0, committed - node.applied),
      })),
    };
  });
}

/** What the reader is told has changed between two looks. */
export function changes(before: Cluster, now: Cluster): string[] {
  const told: string[] = [];
  for (const node of now.nodes) {
    const former = before.nodes.find((other) => other.id === node.id);
    if (former && former.ready !== node.ready) told.push(`Node ${node.id} ${node.ready ? "is ready again" : "is not heard of"}`);
  }
  for (const shard of now.shards) {
    const former = before.shards.find((other) => other.id === shard.id);
    if (!former || (former.leader === shard.leader && former.term === shard.term)) continue;
    told.push(shard.leader === null
      ? `Shard ${shard.id} has no leader`
      : `Node ${shard.leader} leads shard ${shard.id} in term ${shard.term}`);
  }
  return told;
}

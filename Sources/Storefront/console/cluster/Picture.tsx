import type { Cluster } from "../../common/types";
import { formatRate, formatWait } from "./Load";
import type { Look } from "./looks";
import type { ShardView } from "./view";

const nodeWidth = 112;
const nodeGap = 24;
const nodeHead = 98;
const lane = 46;

interface PictureProperties {
  cluster: Cluster;
  shards: readonly ShardView[];
  /** How busy the nodes are. */
  now: Look | undefined;
}

/**
 * The nodes as boxes, the shards as lanes through them; who leads wears a ring that travels when the lead changes hands,
 * and a bar under each replica is short by what it is behind. What it shows stands in words in the tables below it.
 */
export function Picture({ cluster, shards, now }: PictureProperties) {
  const { nodes } = cluster;
  const height = nodeHead + shards.length * lane + 20;
  const width = Math.max(1, nodes.length) * (nodeWidth + nodeGap) - nodeGap;
  const x = new Map(nodes.map((node, index) => [node.id, index * (nodeWidth + nodeGap)]));
  const middle = (node: number) => (x.get(node) ?? 0) + nodeWidth / 2;
  const y = (index: number) => nodeHead + index * lane + lane / 2;
  return (
    <svg className="cluster" width={width * 1.5} viewBox={`-2 -2 ${width + 4} ${height + 4}`} role="img" aria-label={words(cluster, shards)}>
      {nodes.map((node) => (
        <g key={node.id} className={node.ready ? "node ready" : "node"}>
          <rect className="box" x={x.get(node.id)} y="0" width={nodeWidth} height={height} rx="12" />
          <circle className="lamp" cx={(x.get(node.id) ?? 0) + 20} cy="26" r="6" />
          <text className="name" x={(x.get(node.id) ?? 0) + 36} y="31">Node {node.id}</text>
          <text className="state" x={(x.get(node.id) ?? 0) + 36} y="47">{node.ready ? "ready" : "not heard of"}</text>
          <text className="state" x={(x.get(node.id) ?? 0) + nodeWidth / 2} y="65" textAnchor="middle">{loadText(now, node.id)}</text>
        </g>
      ))}
      {shards.map((shard, index) => (
        <g key={shard.id}>
          {shard.leader !== null && shard.replicas.filter((replica) => replica.node !== shard.leader).map((replica) => (
            <line key={replica.node} className={replica.role === "unknown" ? "stream broken" : "stream"}
              x1={middle(shard.leader ?? 0)} x2={middle(replica.node)} y1={y(index)} y2={y(index)} />
          ))}
          {shard.replicas.map((replica) => {
            const at = middle(replica.node);
            const share = shard.committed > 0 ? Math.max(0, 1 - replica.lag / Math.max(64, shard.committed * 0.02)) : 1;
            return (
              <g key={replica.node} className={`replica ${replica.role}`}>
                <circle className="disc" cx={at} cy={y(index)} r="15" />
                <text className="mark" x={at} y={y(index) + 4} textAnchor="middle">{shard.id}</text>
                <rect className="rest" x={at - 24} y={y(index) + 18} width="48" height="3" rx="1.5" />
                <rect className="progress" x={at - 24} y={y(index) + 18} width={48 * (replica.role === "unknown" ? 0 : share)} height="3" rx="1.5" />
              </g>
            );
          })}
          <g className={shard.leader === null ? "crown gone" : "crown"} style={{ transform: `translate(${middle(shard.leader ?? nodes[0]?.id ?? 0)}px, ${y(index)}px)` }}>
            <circle r="19" />
            <text y="-23" textAnchor="middle">term {shard.term}</text>
          </g>
        </g>
      ))}
    </svg>
  );
}

function loadText(now: Look | undefined, node: number): string {
  const { requests, commit } = now?.nodes.get(node) ?? { requests: null, commit: null };
  return [requests === null ? null : `${formatRate(requests)} req/s`, commit === null ? null : formatWait(commit)]
    .filter(Boolean).join(" · ");
}

function words(cluster: Cluster, shards: readonly ShardView[]): string {
  const nodes = cluster.nodes.map((node) => `node ${node.id} ${node.ready ? "ready" : "not heard of"}`).join(", ");
  const leads = shards.map((shard) => (
    shard.leader === null ? `shard ${shard.id} without a leader` : `shard ${shard.id} led by node ${shard.leader} in term ${shard.term}`
  )).join(", ");
  return `The cluster: ${nodes}; ${leads}.`;
}

import { useLayoutEffect, useRef, useState } from "react";
import type { Cluster } from "../../common/types";
import { formatRate, formatWait } from "./Load";
import type { Look } from "./looks";
import { type Layout, layoutFor, layoutWide } from "./layout";
import type { ShardView } from "./view";

interface PictureProperties {
  cluster: Cluster;
  shards: readonly ShardView[];
  /** How busy the nodes are. */
  now: Look | undefined;
}

/** The picture in a frame, drawn narrower where the frame has little room. */
export function Picture(properties: PictureProperties) {
  const frame = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<number>();
  // Before the page is painted, so that nothing moves.
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const measure = () => setRoom(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const counts = { nodes: properties.cluster.nodes.length, shards: properties.shards.length };
  const layout = room === undefined ? layoutWide(counts) : layoutFor(counts, room);
  return (
    <div ref={frame} className="picture-frame" tabIndex={0} role="region" aria-label="Picture of the cluster">
      <Drawing {...properties} layout={layout} />
    </div>
  );
}

/**
 * The nodes as boxes, the shards as lanes through them, each with its term at its left; who leads wears a ring that travels
 * when the lead changes hands, and a bar under each replica is short by what it is behind. What it shows stands in words in
 * the tables below it.
 */
function Drawing({ cluster, shards, now, layout }: PictureProperties & { layout: Layout }) {
  const { nodes } = cluster;
  const x = new Map(nodes.map((node, index) => [node.id, layout.left + index * (layout.nodeWidth + layout.gap)]));
  const middle = (node: number) => (x.get(node) ?? 0) + layout.nodeWidth / 2;
  const y = (index: number) => layout.head + index * layout.lane + layout.lane / 2;
  return (
    <svg className={layout.isNarrow ? "cluster narrow" : "cluster"} width={layout.width * layout.scale}
      viewBox={`0 0 ${layout.width} ${layout.height}`} role="img" aria-label={words(cluster, shards)}>
      {nodes.map((node) => {
        const load = loadTexts(now, node.id);
        return (
          <g key={node.id} className={node.ready ? "node ready" : "node"}>
            <rect className="box" x={x.get(node.id)} y="2" width={layout.nodeWidth} height={layout.height - 4} rx="12" />
            <circle className="lamp" cx={middle(node.id)} cy="18" r="6" />
            <text className="name" x={middle(node.id)} y="41" textAnchor="middle">Node {node.id}</text>
            <text className="state" x={middle(node.id)} y="56" textAnchor="middle">
              {node.ready ? "ready" : layout.isNarrow ? "silent" : "not heard of"}
            </text>
            {load.rate !== null && (
              <text className="state" textAnchor="middle">
                <tspan x={middle(node.id)} y="72">{load.rate}</tspan>
                {layout.isNarrow ? <tspan x={middle(node.id)} y="84">req/s</tspan> : " req/s"}
              </text>
            )}
            {load.wait !== null && (
              <text className="state" x={middle(node.id)} y={layout.isNarrow ? 98 : 86} textAnchor="middle">{load.wait}</text>
            )}
          </g>
        );
      })}
      {shards.map((shard, index) => (
        <g key={shard.id}>
          <text className="lane" x="2" y={y(index) - 3}>Shard {shard.id}</text>
          <text className="term" x="2" y={y(index) + 11}>term {shard.term}</text>
          {shard.leader !== null && shard.replicas.filter((replica) => replica.node !== shard.leader).map((replica) => (
            <line key={replica.node} className={replica.role === "unknown" ? "stream broken" : "stream"}
              x1={middle(shard.leader ?? 0)} x2={middle(replica.node)} y1={y(index)} y2={y(index)} />
          ))}
          {shard.replicas.map((replica) => {
            const at = middle(replica.node);
            const share = shard.committed > 0 ? Math.max(0, 1 - replica.lag / Math.max(64, shard.committed * 0.02)) : 1;
            const bar = { x: at - layout.bar / 2, y: y(index) + 21, height: 3, rx: 1.5 };
            return (
              <g key={replica.node} className={`replica ${replica.role}`}>
                <circle className="disc" cx={at} cy={y(index)} r="14" />
                <text className="mark" x={at} y={y(index) + 4} textAnchor="middle">{shard.id}</text>
                <rect className="rest" width={layout.bar} {...bar} />
                <rect className="progress" width={layout.bar * (replica.role === "unknown" ? 0 : share)} {...bar} />
              </g>
            );
          })}
          {/* A ring travels to another leader, and not when the picture is drawn in another width. */}
          <g key={layout.width} className={shard.leader === null ? "crown gone" : "crown"} style={{ transform: `translate(${middle(shard.leader ?? nodes[0]?.id ?? 0)}px, ${y(index)}px)` }}>
            <circle r="17.5" />
          </g>
        </g>
      ))}
    </svg>
  );
}

function loadTexts(now: Look | undefined, node: number): { rate: string | null; wait: string | null } {
  const { requests, commit } = now?.nodes.get(node) ?? { requests: null, commit: null };
  return { rate: requests === null ? null : formatRate(requests), wait: commit === null ? null : formatWait(commit) };
}

function words(cluster: Cluster, shards: readonly ShardView[]): string {
  const nodes = cluster.nodes.map((node) => `node ${node.id} ${node.ready ? "ready" : "not heard of"}`).join(", ");
  const leads = shards.map((shard) => (
    shard.leader === null ? `shard ${shard.id} without a leader` : `shard ${shard.id} led by node ${shard.leader} in term ${shard.term}`
  )).join(", ");
  return `The cluster: ${nodes}; ${leads}.`;
}

/** How large the parts of the cluster's picture are, in its own units. */
export interface Layout {
  isNarrow: boolean;
  /** Where the nodes begin, right of the shards' terms. */
  left: number;
  nodeWidth: number;
  gap: number;
  /** Above the first lane. */
  head: number;
  lane: number;
  /** The width of a bar that is full. */
  bar: number;
  width: number;
  height: number;
  /** Pixels of a unit where there is room. */
  scale: number;
}

interface Counts {
  nodes: number;
  shards: number;
}

const lane = 50;
const foot = 10;
/** A picture is drawn larger than its units up to this height in pixels. */
const heightMax = 560;
const scaleMax = 1.5;
/** A node's name does not fit in less. */
const nodeWidthMin = 44;
const nodeWidthMax = 112;

function layout({ nodes, shards }: Counts, sizes: Pick<Layout, "isNarrow" | "left" | "nodeWidth" | "gap" | "head" | "bar">): Layout {
  const count = Math.max(1, nodes);
  const height = sizes.head + shards * lane + foot;
  const width = sizes.left + count * (sizes.nodeWidth + sizes.gap) - sizes.gap + 2;
  const scale = sizes.isNarrow ? 1 : Math.min(scaleMax, Math.max(1, heightMax / height));
  return { ...sizes, lane, width, height, scale };
}

/** With room for all words. */
export const layoutWide = (counts: Counts): Layout =>
  layout(counts, { isNarrow: false, left: 84, nodeWidth: nodeWidthMax, gap: 24, head: 94, bar: 48 });

/** What fits into a frame of so many pixels in letters that can be read; the frame scrolls where nothing does. */
export function layoutFor(counts: Counts, room: number): Layout {
  const wide = layoutWide(counts);
  if (wide.width <= room) return wide;
  const [left, gap, nodes] = [58, 4, Math.max(1, counts.nodes)];
  const nodeWidth = Math.floor((room - left - 2 - gap * (nodes - 1)) / nodes);
  return layout(counts, {
    isNarrow: true, left, gap, nodeWidth: Math.min(nodeWidthMax, Math.max(nodeWidthMin, nodeWidth)), head: 106, bar: 36,
  });
}

import { Badge } from "../common/controls";
import { useQuery } from "../common/query";
import type { Availability } from "../common/types";

const every = 5_000;
/** From here on the number is told. */
const few = 10;

/** What can be bought of a SKU at the moment; undefined before that is known, and for none. */
export function useAvailability(sku: string | null): number | undefined {
  const path = sku === null ? null : `/api/v1/inventory/${encodeURIComponent(sku)}`;
  return useQuery<Availability>(path, { every }).document?.available;
}

export function StockBadge({ available }: { available: number | undefined }) {
  if (available === undefined) return <Badge>Looking</Badge>;
  if (available <= 0) return <Badge tone="bad">Sold out</Badge>;
  if (available <= few) return <Badge tone="warn">{`Only ${available} left`}</Badge>;
  return <Badge tone="good">In stock</Badge>;
}

import type { Page } from "../../common/types";

export type MovementType = "RECEIVED" | "ADJUSTED" | "RESERVED" | "RELEASED" | "EXPIRED" | "FULFILLED" | "RESTOCKED";

/** One change of a SKU's stock. */
export interface Movement {
  version: number;
  at: string;
  actor?: string;
  type: MovementType;
  quantity?: number;
  delta?: number;
  reason?: string;
  note?: string;
  reference?: string;
  reservation_id?: string;
  until?: string;
}

export interface MovementPage extends Page<Movement> {
  earlier_gone: boolean;
}

export const reasons = ["count", "correction", "damage", "theft", "expired", "return", "supplier_return", "other"] as const;

export const movementWords: Record<MovementType, string> = {
  RECEIVED: "Received", ADJUSTED: "Adjusted", RESERVED: "Held", RELEASED: "Given up", EXPIRED: "Hold ended", FULFILLED: "Left the stock",
  RESTOCKED: "Came back",
};

/** How many units more are on hand after it. */
export function onHandChange(movement: Movement): number {
  switch (movement.type) {
    case "RECEIVED": case "RESTOCKED": return movement.quantity ?? 0;
    case "ADJUSTED": return movement.delta ?? 0;
    case "FULFILLED": return -(movement.quantity ?? 0);
    default: return 0;
  }
}

/** What is held, as far as the movements that have been read tell: newest first, those that nothing has ended yet. */
export function openHolds(movements: readonly Movement[]): Movement[] {
  const ended = new Set<string>();
  const open: Movement[] = [];
  for (const movement of movements) {
    const id = movement.reservation_id;
    if (id === undefined) continue;
    if (movement.type !== "RESERVED") ended.add(id);
    else if (!ended.has(id)) open.push(movement);
  }
  return open;
}

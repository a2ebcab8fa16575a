import { useSyncExternalStore } from "react";

/** Longer than an election: until then nobody has to be told. */
const lateAfter = 4_000;

let late = 0;
const listeners = new Set<() => void>();

function change(by: number): void {
  late += by;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

/** Counts a call among the late ones, from when it is late until it has an answer or is given up. */
export async function noteLateness<Result>(call: Promise<Result>): Promise<Result> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    change(1);
  }, lateAfter);
  try {
    return await call;
  } finally {
    clearTimeout(timer);
    if (isLate) change(-1);
  }
}

/** Whether any call is late. */
export const useIsLate = (): boolean => useSyncExternalStore(subscribe, () => late > 0, () => false);

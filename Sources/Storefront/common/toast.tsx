import { type ReactNode, useSyncExternalStore } from "react";
import { useIsLate } from "./lateness";

/** Short news that goes by itself, read out without taking the focus. */
interface Toast {
  number: number;
  content: ReactNode;
}

const lifetime = 5000;
let toasts: readonly Toast[] = [];
let count = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function toast(content: ReactNode): void {
  count += 1;
  const number = count;
  change([...toasts.slice(-2), { number, content }]);
  const end = () => {
    // What is being read stays, and so does a link that has the focus.
    if (document.querySelector(".toasts:is(:hover, :focus-within)")) setTimeout(end, lifetime);
    else change(toasts.filter((other) => other.number !== number));
  };
  setTimeout(end, lifetime);
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

/** News, and that an answer is late as long as it is. */
export function Toasts() {
  const isLate = useIsLate();
  const shown = useSyncExternalStore(subscribe, () => toasts, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {isLate && <div className="toast">No answer yet. We keep asking.</div>}
      {shown.map((item) => <div key={item.number} className="toast">{item.content}</div>)}
    </div>
  );
}

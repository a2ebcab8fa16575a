import { type ReactNode, useSyncExternalStore } from "react";

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

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((item) => <div key={item.number} className="toast">{item.content}</div>)}
    </div>
  );
}

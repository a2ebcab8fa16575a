import type { FocusEvent, ReactNode } from "react";

// A browser leaves what has the focus where it is, if a part of it is seen.
const show = (event: FocusEvent) => event.target.scrollIntoView({ block: "nearest", inline: "nearest" });

/** A list that is scrolled to its side on a telephone; what gets the focus is seen in whole. */
export function SideScroll({ className, children }: { className?: string; children: ReactNode }) {
  return <ul className={className} onFocus={show}>{children}</ul>;
}

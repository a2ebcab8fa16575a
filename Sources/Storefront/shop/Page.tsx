import { type ReactNode, useEffect, useRef } from "react";
import { usePlace } from "../common/router";

let isFirst = true;

/** Where a reader begins whose place on the page is gone. */
export const focusHeading = (): void => document.querySelector<HTMLElement>("#main h1")?.focus({ preventScroll: true });

/** A page: its title in the window, and its heading in focus when the reader has come from another page. */
export function Page({ title, heading, isWide = false, children }: {
  title: string;
  /** What stands at the top, where it is not the title. */
  heading?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}) {
  const { path } = usePlace();
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => { document.title = `${title} · CloudRetail`; }, [title]);
  useEffect(() => {
    if (!isFirst) top.current?.focus({ preventScroll: true });
    isFirst = false;
  }, [path]);
  return (
    <main id="main" className={isWide ? "page wide" : "page"}>
      {heading === null ? <h1 ref={top} tabIndex={-1} className="hidden">{title}</h1>
        : <h1 ref={top} tabIndex={-1}>{heading ?? title}</h1>}
      {children}
    </main>
  );
}

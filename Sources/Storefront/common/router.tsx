import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";

/** Pages by path, over the history of the browser. Every path of a page answers the same document. */

const listeners = new Set<() => void>();
const tell = () => { for (const listener of listeners) listener(); };
window.addEventListener("popstate", tell);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

export interface Place {
  path: string;
  query: URLSearchParams;
  /** Whether this is the document as the build has drawn it, where the query is not known yet. */
  isDrawnAhead: boolean;
}

/** The path of the page; a slash at its end, which a node passes over, is none of it. */
export const currentPath = (): string => location.pathname.replace(/(.)\/$/, "$1");

function keep(queryOf: () => string, isDrawnAhead: boolean): () => Place {
  let url: string | undefined;
  let place: Place;
  return () => {
    const [path, query] = [currentPath(), queryOf()];
    if (url !== path + query) {
      url = path + query;
      place = { path, query: new URLSearchParams(query), isDrawnAhead };
    }
    return place;
  };
}

const currentPlace = keep(() => location.search, false);
const placeDrawnAhead = keep(() => "", true);

/** Where the reader is; the component is drawn again when that changes. */
export const usePlace = (): Place => useSyncExternalStore(subscribe, currentPlace, placeDrawnAhead);

/** Goes to a path of the same page. A replaced place is none that "back" leads to. */
export function navigate(to: string, { replaces = false, keepsScroll = false } = {}): void {
  if (replaces) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  tell();
  if (!keepsScroll) window.scrollTo(0, 0);
}

/**
 * Compares a path with a pattern such as `/products/:id`.
 *
 * @returns the decoded parts by name; null when it does not match.
 */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/").filter(Boolean);
  const parts = path.split("/").filter(Boolean);
  if (wanted.length !== parts.length) return null;
  const found: Record<string, string> = {};
  for (const [place, part] of parts.entries()) {
    const name = wanted[place] ?? "";
    if (name.startsWith(":")) found[name.slice(1)] = decoded(part);
    else if (name !== part) return null;
  }
  return found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A link within the page; with a modifier key it does what links do. */
export function Link({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isPlain) return;
    event.preventDefault();
    navigate(to);
  };
  return <a href={to} onClick={follow} {...rest} />;
}

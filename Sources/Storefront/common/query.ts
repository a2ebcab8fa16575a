import { useCallback, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { type Answer, type Call, client } from "./client";
import { keyOf, takeArrived, takePending } from "./early";

export interface Query<Document> {
  /** What was read last; undefined before the first answer. */
  document: Document | undefined;
  /** Its version, to be named in `ifMatch`. */
  tag: string | null;
  error: unknown;
  isLoading: boolean;
  reload: () => void;
}

/** What was read, by path and reader: going back shows it at once, while it is read anew. Cleared with the session. */
const kept = new Map<string, Answer<unknown>>();
const keptMax = 200;
client.session.subscribe(() => kept.clear());

function remember(key: string, entry: Answer<unknown>): void {
  kept.delete(key);
  kept.set(key, entry);
  const oldest = kept.keys().next();
  if (kept.size > keptMax && !oldest.done) kept.delete(oldest.value);
}

/** Has a path read anew before it is shown again, because what was read of it is known to be wrong. */
export const forget = (path: string): boolean => kept.delete(keyOf(path, undefined));

interface Reading {
  /** So many milliseconds later it is read again while the page is seen. */
  every?: number | undefined;
  as?: Call["as"];
}

/** Reads a path of the interface; null reads nothing. */
export function useQuery<Document>(path: string | null, { every, as }: Reading = {}): Query<Document> {
  const [, redraw] = useState(0);
  const [round, setRound] = useState(0);
  const failure = useRef<{ path: string | null; error: unknown }>({ path: null, error: undefined });
  const reload = useCallback(() => setRound((count) => count + 1), []);

  // Before the page is painted: what has arrived early is shown at once, and other answers are on their way meanwhile.
  useLayoutEffect(() => {
    if (path === null) return undefined;
    const key = keyOf(path, as);
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (entry: Answer<unknown>) => {
      remember(key, entry);
      failure.current = { path: null, error: undefined };
      redraw((count) => count + 1);
    };
    const read = async () => {
      if (!document.hidden) {
        try {
          show(await (takePending(key) ?? client.ask<unknown>("GET", path, { signal: stop.signal, as })));
        } catch (error) {
          if (stop.signal.aborted) return;
          failure.current = { path, error };
          redraw((count) => count + 1);
        }
      }
      readLater();
    };
    const readLater = () => {
      if (every !== undefined && !stop.signal.aborted) timer = setTimeout(() => void read(), every);
    };
    const early = takeArrived(key);
    if (early) {
      show(early);
      readLater();
    } else void read();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [path, as, every, round]);

  const entry = path === null ? undefined : kept.get(keyOf(path, as));
  const error = failure.current.path === path ? failure.current.error : undefined;
  return {
    document: entry?.document as Document | undefined, tag: entry?.tag ?? null, error,
    isLoading: path !== null && entry === undefined && error === undefined, reload,
  };
}

/** In a document as the build has drawn it nothing is known of the reader. */
const unknown = () => undefined;

/** Whether there is an account or a guest, whose orders may be read; undefined in a document that is drawn ahead. */
export const useIsKnown = (): boolean | undefined =>
  useSyncExternalStore<boolean | undefined>(client.session.subscribe, () => client.isKnown, unknown);

/** Whether there is a session, drawn again at log-in and log-out; undefined in a document that is drawn ahead. */
export const useIsLoggedIn = (): boolean | undefined =>
  useSyncExternalStore<boolean | undefined>(client.session.subscribe, () => client.session.isOpen, unknown);

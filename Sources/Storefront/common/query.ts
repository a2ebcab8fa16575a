import { useCallback, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { type Call, client } from "./client";
import { arrivedEarly, type Read, takeEarly } from "./early";

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
const kept = new Map<string, Read>();
const keptMax = 200;
client.session.subscribe(() => kept.clear());

const keyOf = (path: string, as: Call["as"]): string => `${as ?? ""} ${path}`;

function remember(key: string, entry: Read): void {
  kept.delete(key);
  kept.set(key, entry);
  const oldest = kept.keys().next();
  if (kept.size > keptMax && !oldest.done) kept.delete(oldest.value);
}

const never = () => () => undefined;

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

  // Before the page is painted, so that the answer is on its way meanwhile.
  useLayoutEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      if (!document.hidden) {
        try {
          const early = as === undefined ? await takeEarly(path) : undefined;
          remember(keyOf(path, as), early ?? await client.ask<unknown>("GET", path, { signal: stop.signal, as }));
          failure.current = { path: null, error: undefined };
        } catch (error) {
          if (stop.signal.aborted) return;
          failure.current = { path, error };
        }
        redraw((count) => count + 1);
      }
      if (every !== undefined && !stop.signal.aborted) timer = setTimeout(() => void read(), every);
    };
    void read();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [path, as, every, round]);

  // What the document was drawn with at the build is taken over as it is, and only then filled.
  const early = useSyncExternalStore(
    never, () => (path === null || as !== undefined ? undefined : arrivedEarly(path)), () => undefined);
  const entry = path === null ? undefined : kept.get(keyOf(path, as)) ?? early;
  const error = failure.current.path === path ? failure.current.error : undefined;
  return {
    document: entry?.document as Document | undefined, tag: entry?.tag ?? null, error,
    isLoading: path !== null && entry === undefined && error === undefined, reload,
  };
}

/** At the build, where the first page is drawn, there is no session. */
const noSession = () => false;

/** Whether there is an account or a guest, whose orders may be read. */
export const useIsKnown = (): boolean =>
  useSyncExternalStore(client.session.subscribe, () => client.session.isOpen || client.guest.token !== null, noSession);

/** Whether there is a session; drawn again at log-in and log-out. */
export const useIsLoggedIn = (): boolean =>
  useSyncExternalStore(client.session.subscribe, () => client.session.isOpen, noSession);

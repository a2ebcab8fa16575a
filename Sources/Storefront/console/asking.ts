import { useCallback, useEffect, useRef, useState } from "react";
import { type Call, client, newKey } from "../common/client";
import { isDecided } from "../common/problem";
import type { Page } from "../common/types";

interface Action {
  /** Does it, and keeps what was refused in `error`. Whether it was done. */
  run: (work: () => Promise<void>) => Promise<boolean>;
  isBusy: boolean;
  error: unknown;
  clear: () => void;
}

/** Something that a button or a form asks for. */
export function useAction(): Action {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { run, isBusy, error, clear: () => setError(undefined) };
}

/** Posts a body under an idempotency key. */
export type PostOnce = <Document>(path: string, body: unknown, call?: Call) => Promise<Document>;

/** What posts under the same key for as long as the outcome of the same body is unknown, so that another try is not a second one. */
export function usePostOnce(): PostOnce {
  const keys = useRef(new Map<string, string>()).current;
  return async <Document>(path: string, body: unknown, call: Call = {}) => {
    const text = JSON.stringify(body);
    const idempotencyKey = keys.get(text) ?? newKey();
    keys.set(text, idempotencyKey);
    try {
      const document = await client.post<Document>(path, body, { ...call, idempotencyKey });
      keys.delete(text);
      return document;
    } catch (error) {
      if (isDecided(error)) keys.delete(text);
      throw error;
    }
  };
}

interface List<Element> {
  elements: readonly Element[] | undefined;
  hasMore: boolean;
  isLoading: boolean;
  error: unknown;
  more: () => void;
  reload: () => void;
}

interface Known<Element> {
  path: string;
  elements: readonly Element[] | undefined;
  cursor: string | null;
  error: unknown;
}

const withCursor = (path: string, cursor: string) => `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;

/** A list, page after page. Read anew it keeps what it shows until the answer is there. */
export function useList<Element>(path: string): List<Element> {
  const [known, setKnown] = useState<Known<Element>>({ path, elements: undefined, cursor: null, error: undefined });
  const [isLoading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((count) => count + 1), []);

  useEffect(() => {
    const stop = new AbortController();
    setLoading(true);
    client.get<Page<Element>>(path, { signal: stop.signal })
      .then((page) => setKnown({ path, elements: page.data, cursor: page.next_cursor, error: undefined }))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setKnown((before) => ({ ...before, path, error }));
      })
      .finally(() => { if (!stop.signal.aborted) setLoading(false); });
    return () => stop.abort();
  }, [path, round]);

  const more = async () => {
    if (known.cursor === null) return;
    setLoading(true);
    try {
      const page = await client.get<Page<Element>>(withCursor(path, known.cursor));
      setKnown((before) => (before.path !== path ? before : {
        path, elements: [...before.elements ?? [], ...page.data], cursor: page.next_cursor, error: undefined,
      }));
    } catch (error) {
      setKnown((before) => ({ ...before, error }));
    }
    setLoading(false);
  };

  const isOfPath = known.path === path;
  return {
    elements: isOfPath ? known.elements : undefined, hasMore: isOfPath && known.cursor !== null, isLoading,
    error: isOfPath ? known.error : undefined, more: () => void more(), reload,
  };
}

/** Reads pages until the end. Whether that was the end, or the limit of pages came first. */
export async function readPages<Element>(
  path: string, pagesMax: number, signal: AbortSignal,
): Promise<{ elements: Element[]; isWhole: boolean }> {
  const elements: Element[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const answer: Page<Element> = await client.get(cursor === null ? path : withCursor(path, cursor), { signal });
    elements.push(...answer.data);
    cursor = answer.next_cursor;
    if (cursor === null) return { elements, isWhole: true };
  }
  return { elements, isWhole: false };
}

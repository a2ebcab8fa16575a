import { useEffect, useRef, useSyncExternalStore } from "react";
import { followEvents } from "../common/events";
import type { CloudEvent } from "../common/types";

/** The event feed of the shop, followed once for all pages of the console. */

/** So many events are kept to look at. */
const keptMax = 500;

interface Feed {
  /** Newest first. */
  events: readonly CloudEvent[];
  isLive: boolean;
  /** Events since the page was opened. */
  count: number;
}

let feed: Feed = { events: [], isLive: false, count: 0 };
const listeners = new Set<() => void>();
const watchers = new Set<(event: CloudEvent) => void>();

function change(part: Partial<Feed>): void {
  feed = { ...feed, ...part };
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
};

/** Follows the feed for as long as the caller is shown. Whether events are coming. */
export function useFeed(): boolean {
  useEffect(() => {
    const stop = new AbortController();
    const onEvent = (event: CloudEvent) => {
      change({ events: [event, ...feed.events.slice(0, keptMax - 1)], count: feed.count + 1 });
      for (const watcher of watchers) watcher(event);
    };
    void followEvents({ signal: stop.signal, onEvent, onState: (isLive) => change({ isLive }) })
      .catch(() => change({ isLive: false }));
    return () => {
      stop.abort();
      change({ isLive: false });
    };
  }, []);
  return useSyncExternalStore(subscribe, () => feed.isLive);
}

export const useEvents = (): Feed => useSyncExternalStore(subscribe, () => feed);

/** Calls `act` soon after events that `concerns` names, once for a burst of them. */
export function useOnEvent(concerns: (event: CloudEvent) => boolean, act: () => void): void {
  const current = useRef({ concerns, act });
  useEffect(() => { current.current = { concerns, act }; });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watcher = (event: CloudEvent) => {
      if (timer !== undefined || !current.current.concerns(event)) return;
      timer = setTimeout(() => {
        timer = undefined;
        current.current.act();
      }, 700);
    };
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      clearTimeout(timer);
    };
  }, []);
}

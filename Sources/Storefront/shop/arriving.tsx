import { type ComponentType, lazy, type LazyExoticComponent, Suspense } from "react";

interface Arriving<Properties> {
  (properties: Properties): JSX.Element;
  /** Loads the page, so that it is drawn at once. */
  prepare: () => Promise<unknown>;
}

/**
 * A page whose script comes when it is needed. Once that is there the page is drawn with all else: what React draws as
 * lazy shows its placeholder first, and that stays for half a second.
 */
export function arriving<Properties extends object>(load: () => Promise<ComponentType<Properties>>): Arriving<Properties> {
  let arrived: ComponentType<Properties> | undefined;
  // Stays what it was at first, for another one would lose what the page holds.
  let shown: ComponentType<Properties> | LazyExoticComponent<ComponentType<Properties>> | undefined;
  const prepare = async () => {
    arrived = await load();
    return { default: arrived };
  };
  const Later = lazy(prepare);
  const Page = (properties: Properties) => {
    shown ??= arrived ?? Later;
    const Shown = shown as ComponentType<Properties>;
    if (shown !== Later) return <Shown {...properties} />;
    return <Suspense fallback={<main className="page" aria-busy="true" />}><Shown {...properties} /></Suspense>;
  };
  return Object.assign(Page, { prepare });
}

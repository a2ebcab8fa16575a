/** Documents that were asked for before the page's own script was there: open to everyone, and good for one reading each. */

export interface Read {
  document: unknown;
  /** Its version, to be named in `ifMatch`. */
  tag: string | null;
}

const pending = new Map<string, Promise<Read | null>>();
const arrived = new Map<string, Read>();

/** Asks for a path of the interface. A failure is nothing to tell: the page asks again by itself. */
export function askEarly(path: string): Promise<Read | null> {
  const answer = read(path).catch(() => null);
  pending.set(path, answer);
  return answer;
}

async function read(path: string): Promise<Read | null> {
  const response = await fetch(path, { headers: { Accept: "application/json" }, credentials: "omit" });
  if (!response.ok) return null;
  const entry = { document: await response.json() as unknown, tag: response.headers.get("ETag") };
  arrived.set(path, entry);
  return entry;
}

/** What has been read of a path already. */
export const arrivedEarly = (path: string): Read | undefined => arrived.get(path);

/** Takes the answer of a path, which is null when there was none; undefined when it was not asked for. */
export function takeEarly(path: string): Promise<Read | null> | undefined {
  const answer = pending.get(path);
  pending.delete(path);
  arrived.delete(path);
  return answer;
}

import { type Answer, type Call, client } from "./client";

/** Documents that were asked for before the page's own script was there, good for one reading each. */

const pending = new Map<string, Promise<Answer<unknown>>>();
const arrived = new Map<string, Answer<unknown>>();

/** Names a document by its path and by who reads it. */
export const keyOf = (path: string, as: Call["as"]): string => `${as ?? ""} ${path}`;

/** Asks for a path of the interface. */
export function askEarly<Document>(path: string, as?: Call["as"]): Promise<Document> {
  const key = keyOf(path, as);
  const answer = client.ask<Document>("GET", path, { as });
  pending.set(key, answer);
  return answer.then((entry) => {
    if (pending.get(key) === answer) arrived.set(key, entry);
    return entry.document;
  });
}

/** Takes what has been read already. */
export function takeArrived(key: string): Answer<unknown> | undefined {
  const answer = arrived.get(key);
  if (answer) takePending(key);
  return answer;
}

/** Takes the answer that is to come; undefined when it was not asked for. */
export function takePending(key: string): Promise<Answer<unknown>> | undefined {
  const answer = pending.get(key);
  pending.delete(key);
  arrived.delete(key);
  return answer;
}

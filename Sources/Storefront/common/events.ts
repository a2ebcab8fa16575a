import { client } from "./client";
import { pause } from "./gateways";
import { Problem } from "./problem";
import type { CloudEvent } from "./types";

export interface Following {
  /** Only events of these types. */
  types?: readonly string[];
  signal: AbortSignal;
  onEvent: (event: CloudEvent) => void;
  /** Whether events are coming at the moment. */
  onState?: (isLive: boolean) => void;
}

/** Follows the event feed from now on until `signal` aborts, and reads on where it was after every break. For staff. */
export async function followEvents(following: Following): Promise<void> {
  const { signal, types } = following;
  let after: string | null = null;
  while (!signal.aborted) {
    try {
      const query = new URLSearchParams();
      if (types) query.set("types", types.join(","));
      if (after !== null) query.set("after", after);
      const response = await client.respond("GET", `/api/v1/events?${query}`, { signal }, "text/event-stream");
      following.onState?.(true);
      for await (const message of messages(response)) {
        if (message.id !== null) after = message.id;
        if (message.data !== "") following.onEvent(JSON.parse(message.data) as CloudEvent);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.code === "position_expired") after = "beginning";
      else if (error instanceof Problem && error.status < 500) throw error;
    }
    following.onState?.(false);
    if (!signal.aborted) await pause(1000);
  }
}

interface Message {
  id: string | null;
  data: string;
}

/** Server-Sent Events, with `\n` as the end of a line, which is what the gateway sends. */
async function* messages(response: Response): AsyncGenerator<Message> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const message: Message = { id: null, data: "" };
      for (const line of block.split("\n")) {
        if (line.startsWith("id:")) message.id = line.slice(3).trim();
        if (line.startsWith("data:")) message.data += line.slice(5).trim();
      }
      yield message;
    }
  }
}

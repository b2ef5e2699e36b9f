import { createParser, type EventSourceMessage } from "eventsource-parser";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";

/** A reader of server-sent events, as a browser is one. */
export interface EventReader {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Everything that has come so far, keepalives too. */
  readonly events: EventSourceMessage[];
  /** Resolves to the first event that fits, which may have come already. @throws Error when the stream ends before */
  until(fits: (event: EventSourceMessage) => boolean): Promise<EventSourceMessage>;
  /** Resolves when the server has ended the stream, to false when it was cut. */
  ended: Promise<boolean>;
  text(): string;
  /** Stops taking bytes from the connection. */
  pause(): void;
  resume(): void;
  close(): void;
}

export function readEvents(url: string, headers: Record<string, string>): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const req = request(url, { headers, agent: false });
    req.on("error", reject);
    req.on("response", res => resolve(readerOf(res)));
    req.end();
  });
}

function readerOf(res: IncomingMessage): EventReader {
  const events: EventSourceMessage[] = [];
  const waiting = new Set<() => void>();
  let text = "";
  let isOver = false;
  const wake = () => {
    for (const look of waiting) look();
  };
  const parser = createParser({ onEvent: event => events.push(event) });
  res.setEncoding("utf8");
  res.on("data", (chunk: string) => {
    text += chunk;
    parser.feed(chunk);
    wake();
  });
  res.on("error", () => undefined);
  const ended = new Promise<boolean>(resolve =>
    res.on("close", () => {
      isOver = true;
      wake();
      resolve(res.complete);
    }),
  );
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    events,
    ended,
    until: fits =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(fits);
          if (!found && !isOver) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error(`the stream ended before that: ${text}`));
        };
        waiting.add(look);
        look();
      }),
    text: () => text,
    pause: () => res.socket.pause(),
    resume: () => res.socket.resume(),
    close: () => res.destroy(),
  };
}

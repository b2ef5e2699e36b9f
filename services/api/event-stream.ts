import type { ServerResponse } from "node:http";
import { compareIds, type ProgressEvent, type ProgressLog } from "../../mixins/progress/progress.ts";

/** What an action of kind `stream` answers. */
export interface StreamSource {
  /** Name of the job's progress log. */
  topic: string;
  /** All that has happened so far, rebuilt from the job itself. */
  events: readonly ProgressEvent[];
}

export interface StreamTimes {
  /** Silence after which a named `keepalive` event is sent; the app gives up after 60 s, and comments don't count for it. */
  keepaliveMs: number;
  /** Silence after which the job itself is asked again, in case a live event was lost. */
  rereadMs: number;
  /** Longest life of a stream; the client comes back with Last-Event-ID. */
  lifeMs: number;
  /** Bytes of new events waiting for a slow reader before it is cut off; it comes back and is replayed what it missed. */
  backlogBytes: number;
}

export interface StreamOptions extends StreamTimes {
  progress: Pick<ProgressLog, "follow">;
  source: StreamSource;
  /** The client's `Last-Event-ID`. */
  lastEventId: string | undefined;
  /** Asks the action again. */
  reread: () => Promise<StreamSource>;
  /** A follow or re-read that failed; the stream goes on with what it has. */
  onTrouble: (thrown: unknown) => void;
}

const EVENT_ID = /^\d{1,15}-\d{1,15}$/;
const TIMED_OUT = "진행 상황을 보여 드리는 시간이 끝났어요. 잠시 후 결과를 다시 확인해 주세요.";
/** Milliseconds a browser waits before it comes back. */
const RETRY_MS = 2_000;

/**
 * Progress of a job as server-sent events: what has happened after `Last-Event-ID`, then what happens, until `done`.
 * Events come from the job (rebuilt) and from the progress log (live); ids that only grow make one line of the two.
 */
export class EventStream {
  readonly #res: ServerResponse;
  readonly #options: StreamOptions;
  #lastId: string | undefined;
  /** Events that came in before the log was read to its end, or while earlier ones are asked for; undefined: they are sent as they come. */
  #waiting: ProgressEvent[] | undefined = [];
  /** Frames that the connection did not take yet; only those of live events count against the reader. */
  #queue: { frame: string; bytes: number }[] = [];
  #queuedBytes = 0;
  #hasMoved = true;
  #stopFollowing: (() => void) | undefined;
  #isOpen = true;
  #rereading: Promise<void> | undefined;
  readonly #keepalive: NodeJS.Timeout;
  readonly #reread: NodeJS.Timeout;
  readonly #life: NodeJS.Timeout;

  constructor(res: ServerResponse, options: StreamOptions) {
    this.#res = res;
    this.#options = options;
    this.#lastId = lastSeen(options.lastEventId);
    this.#keepalive = setTimeout(() => this.#sendKeepalive(), options.keepaliveMs);
    this.#reread = setTimeout(() => void this.#askAgain(), options.rereadMs);
    this.#life = setTimeout(() => this.#timeOut(), options.lifeMs);
    res.on("drain", () => this.#flush());
    res.once("close", () => this.#close());
  }

  /** Writes the head, replays, and follows the log until `done`, the end of its life, or the client's. */
  async open(): Promise<void> {
    const { progress, source, onTrouble } = this.#options;
    if (isFinished(source, this.#lastId)) {
      // The client has seen `done`: 204 is what tells a browser not to come back.
      this.#res.writeHead(204).end();
      return;
    }
    this.#res.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
    this.#waiting?.push(...source.events);
    try {
      const stop = await progress.follow(source.topic, event => this.#hear(event));
      if (this.#isOpen) this.#stopFollowing = stop;
      else stop();
    } catch (thrown) {
      onTrouble(thrown);
    }
    if (this.#misses(this.#waiting ?? [])) await this.#askAgain();
    this.#release();
  }

  /** Ends the stream where it is; a browser comes back, to another process if this one stops. */
  end(): void {
    if (!this.#isOpen) return;
    this.#close();
    this.#res.end(this.#queue.map(({ frame }) => frame).join(""));
    this.#queue = [];
  }

  #hear(event: ProgressEvent): void {
    if (this.#waiting) this.#waiting.push(event);
    else if (this.#misses([event])) void this.#fillGap(event);
    else this.#send(event, true);
  }

  /** Whether the log has lost something that came before these events. */
  #misses(events: readonly ProgressEvent[]): boolean {
    const lastId = this.#lastId ?? "0-0";
    return events.some(({ id, after }) => {
      if (after === undefined || compareIds(lastId, after) >= 0) return false;
      return !events.some(({ id: seen }) => compareIds(seen, after) >= 0 && compareIds(seen, id) < 0);
    });
  }

  /** Asks the job before anything is sent: once a later event is out, an earlier one can never follow. */
  async #fillGap(event: ProgressEvent): Promise<void> {
    this.#waiting = [event];
    await this.#rereading;
    await this.#askAgain();
    this.#release();
  }

  /** Sends what waited. */
  #release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#take(waiting);
  }

  #take(events: readonly ProgressEvent[]): void {
    if (this.#waiting) this.#waiting.push(...events);
    else for (const event of [...events].sort((a, b) => compareIds(a.id, b.id))) this.#send(event, false);
  }

  #send({ id, event, data }: ProgressEvent, isLive: boolean): void {
    if (!this.#isOpen || (this.#lastId !== undefined && compareIds(id, this.#lastId) <= 0)) return;
    this.#lastId = id;
    this.#reread.refresh();
    const frame = `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#write(frame, isLive ? Buffer.byteLength(frame) : 0);
    if (event === "done") this.end();
  }

  /** A reader that took nothing since the last one has gone without saying so. */
  #sendKeepalive(): void {
    const { writableNeedDrain: isFull } = this.#res;
    const isStuck = isFull && !this.#hasMoved;
    this.#hasMoved = false;
    if (isStuck) this.#cut();
    else if (isFull) this.#keepalive.refresh();
    else this.#write(`event: keepalive\ndata: ${JSON.stringify({ timestamp: new Date().toISOString() })}\n\n`);
  }

  #timeOut(): void {
    const data = JSON.stringify({ type: "error", error: "timeout", message: TIMED_OUT });
    this.#write(`event: error\ndata: ${data}\n\n`);
    this.end();
  }

  #write(frame: string, bytes = 0): void {
    if (!this.#isOpen) return;
    this.#queue.push({ frame, bytes });
    this.#queuedBytes += bytes;
    this.#flush();
    if (this.#queuedBytes > this.#options.backlogBytes) this.#cut();
  }

  #cut(): void {
    this.#close();
    this.#res.destroy();
  }

  /** Writes as much as the connection takes. */
  #flush(): void {
    while (this.#queue.length > 0 && !this.#res.writableNeedDrain) {
      const { frame, bytes } = this.#queue.shift() ?? { frame: "", bytes: 0 };
      this.#queuedBytes -= bytes;
      this.#res.write(frame);
      this.#hasMoved = true;
      this.#keepalive.refresh();
    }
  }

  #askAgain(): Promise<void> {
    this.#rereading ??= this.#readAgain().finally(() => (this.#rereading = undefined));
    return this.#rereading;
  }

  async #readAgain(): Promise<void> {
    try {
      this.#take((await this.#options.reread()).events);
    } catch (thrown) {
      this.#options.onTrouble(thrown);
    }
    if (this.#isOpen) this.#reread.refresh();
  }

  #close(): void {
    this.#isOpen = false;
    this.#stopFollowing?.();
    for (const timer of [this.#keepalive, this.#reread, this.#life]) clearTimeout(timer);
  }
}

const lastSeen = (header: string | undefined): string | undefined =>
  header !== undefined && EVENT_ID.test(header) ? header : undefined;

const isFinished = ({ events }: StreamSource, lastId: string | undefined): boolean =>
  lastId !== undefined && events.some(({ id, event }) => event === "done" && compareIds(id, lastId) <= 0);

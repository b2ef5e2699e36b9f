import { once } from "node:events";
import { type IncomingMessage, request, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** Writes bytes to a port as they are and gives everything that comes back until the other side hangs up. */
export function talk(port: number, bytes: string | Buffer, { hangUp = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.write(bytes);
    if (hangUp) socket.end();
  });
}

export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  text: string;
  json(): Record<string, unknown>;
}

/** One request with every header and byte under control; the body may be pieces that come when they come. */
export function send(
  url: string,
  options: RequestOptions,
  body: Iterable<string | Buffer> | AsyncIterable<string | Buffer> = [],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { agent: false, ...options });
    let answered = false;
    const isAnswered = () => answered;
    // A server that refuses early closes while we still write; what counts is what it said.
    req.on("error", thrown => !answered && reject(thrown));
    req.on("response", res => {
      answered = true;
      const { statusCode = 0, headers } = res;
      text(res).then(
        all =>
          resolve({
            status: statusCode,
            headers,
            text: all,
            json: () => JSON.parse(all) as Record<string, unknown>,
          }),
        reject,
      );
    });
    const closed = new Promise(resolve => req.once("close", resolve));
    void (async () => {
      for await (const piece of body) {
        if (req.destroyed || isAnswered()) break;
        if (!req.write(piece)) await Promise.race([once(req, "drain").catch(() => undefined), closed]);
      }
      req.end();
    })();
  });
}

/** Why an outside source gave nothing. */
export const troubles = [
  "not_configured",
  "timeout",
  "unreachable",
  "rate_limited",
  "refused",
  "failed",
  "unreadable",
  "no_data",
] as const;
export type Trouble = (typeof troubles)[number];

export type Asked<T> = { readonly ok: true; readonly body: T } | { readonly ok: false; readonly reason: Trouble };

export interface AskOptions {
  headers?: Readonly<Record<string, string>>;
  /** For the whole answer, from the first byte sent to the last one read. */
  timeoutMs: number;
}

/** More than any of our sources sends; what goes on for ever is given up here. */
const MAX_BYTES = 4 * 1024 * 1024;

export const gaveNothing = (reason: Trouble): { readonly ok: false; readonly reason: Trouble } => ({
  ok: false,
  reason,
});

/**
 * Asks an outside source for a text. It never throws, and what it says of a failure is one word: addresses carry keys, so neither they
 * nor the errors of the network, which repeat them, are passed on. Redirects are not followed, or the key would go with them.
 */
export async function askForText(address: URL, { headers = {}, timeoutMs }: AskOptions): Promise<Asked<string>> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await open(address, { headers, redirect: "manual", signal });
    if (!response.ok) {
      await response.body?.cancel();
      return gaveNothing(troubleOf(response.status));
    }
    const bytes = await readBytes(response);
    return bytes === undefined ? gaveNothing("unreadable") : { ok: true, body: decode(bytes, response.headers) };
  } catch {
    return gaveNothing(signal.aborted ? "timeout" : "unreachable");
  }
}

/** A connection kept from before that the other side had just closed: nothing was asked yet, so it is asked once more. */
async function open(address: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (thrown) {
    const { code } = ((thrown as Error).cause ?? {}) as { code?: string };
    if (!["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(code ?? "")) throw thrown;
    return fetch(address, init);
  }
}

/** The same for JSON; what is none is `unreadable`. */
export async function askForJson(address: URL, options: AskOptions): Promise<Asked<unknown>> {
  const asked = await askForText(address, options);
  if (!asked.ok) return asked;
  try {
    return { ok: true, body: JSON.parse(asked.body) as unknown };
  } catch {
    return gaveNothing("unreadable");
  }
}

function troubleOf(status: number): Trouble {
  if (status === 429) return "rate_limited";
  return status === 401 || status === 403 ? "refused" : "failed";
}

async function readBytes(response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Korean feeds still come in EUC-KR, named by the header or by the XML itself. */
function decode(bytes: Buffer, headers: Headers): string {
  const start = bytes.subarray(0, 200).toString("latin1");
  const label =
    /charset=["']?([\w-]+)/i.exec(headers.get("content-type") ?? "")?.[1] ??
    /^\s*<\?xml[^>]*encoding=["']([\w-]+)/.exec(start)?.[1] ??
    "utf-8";
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    // No encoding of that name.
    return new TextDecoder().decode(bytes);
  }
}

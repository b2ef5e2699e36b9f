import { fail } from "../../broker/errors.ts";

export interface RequestTarget {
  /** As it was sent, still percent-encoded, without the trailing slash. */
  path: string;
  /** Decoded names and values in their order; a name may turn up more than once. */
  query: readonly (readonly [name: string, value: string])[];
}

/**
 * Splits a request target and decodes its query. Names stay flat: brackets and dots mean nothing here.
 * @throws BAD_REQUEST for percent-encoding that is no UTF-8
 */
export function readUrl(target: string): RequestTarget {
  // A proxy may send the absolute form; the authority in it is the Host header's business.
  const local = target.replace(/^https?:\/\/[^/?#]*/i, "");
  const [beforeQuery = "", ...rest] = local.split("?");
  decode(beforeQuery);
  const path = beforeQuery.length > 1 && beforeQuery.endsWith("/") ? beforeQuery.slice(0, -1) : beforeQuery;
  const query = rest
    .join("?")
    .split("&")
    .filter(pair => pair !== "")
    .map(pair => {
      const [name = "", ...value] = pair.replaceAll("+", " ").split("=");
      return [decode(name), decode(value.join("="))] as const;
    });
  return { path: path === "" ? "/" : path, query };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw fail("BAD_REQUEST", "The address is not valid percent-encoded UTF-8.");
  }
}

import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

type WriteHeaders = (req: IncomingMessage, res: ServerResponse) => void;

const NOTHING = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] };
/** What the documentation pages need: their own files, and requests to this very API. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The headers of every answer. They are for an API: nothing in an answer may run, be framed or be guessed at; a page says otherwise
 * for itself.
 * @param https whether people reach the gateway by https; browsers then come back by https alone
 */
export function securityHeaders(https: boolean): WriteHeaders {
  const write = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: NOTHING },
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: "no-referrer" },
    frameguard: { action: "deny" },
    crossOriginResourcePolicy: { policy: "same-origin" },
  });
  return (req, res) => {
    write(req, res, thrown => {
      if (thrown !== undefined) throw thrown as Error;
    });
  };
}

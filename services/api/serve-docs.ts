import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Contract } from "../../broker/contract.ts";
import { fail } from "../../broker/errors.ts";
import type { Operation } from "./api.contract.ts";
import { describeApi } from "./open-api.ts";
import { renderDocs } from "./render-docs.ts";
import { DOCS_POLICY } from "./security-headers.ts";
import { sendResult } from "./send-result.ts";

const swagger = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const ours = join(import.meta.dirname, "docs");
/** Every file that the pages are made of; nothing else on the disk can be asked for. */
const FILES: Record<string, { folder: string; type: string } | undefined> = {
  "swagger-ui.css": { folder: swagger, type: "text/css; charset=utf-8" },
  "swagger-ui-bundle.js": { folder: swagger, type: "text/javascript; charset=utf-8" },
  "start-docs.js": { folder: ours, type: "text/javascript; charset=utf-8" },
  "docs.css": { folder: ours, type: "text/css; charset=utf-8" },
  "leaf.svg": { folder: ours, type: "image/svg+xml" },
};

interface Body {
  bytes: Buffer;
  etag: string;
}

/** Serves the documentation from the disk: pages, their files, and the OpenAPI documents, each computed at its first reading. */
export function docsServer(contracts: readonly Contract[], operations: readonly Operation[]) {
  const kept = new Map<string, Body>();
  const keep = (name: string, make: () => string | Buffer): Body => {
    const known = kept.get(name);
    if (known) return known;
    const bytes = Buffer.from(make());
    const body = { bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"` };
    kept.set(name, body);
    return body;
  };
  const documentOf = (domain: string | undefined) =>
    keep(`openapi ${domain ?? ""}`, () => JSON.stringify(describeApi(contracts, operations, domain)));
  const send = (req: IncomingMessage, res: ServerResponse, { bytes, etag }: Body, type: string, cache: string) =>
    sendResult(req, res, bytes, { $responseType: type, $responseHeaders: { etag, "cache-control": cache } }, 200);

  return {
    openApi: (req: IncomingMessage, res: ServerResponse, domain: string | undefined): Promise<void> =>
      send(req, res, documentOf(domain), "application/json; charset=utf-8", "no-cache"),

    page(req: IncomingMessage, res: ServerResponse, domain: string | undefined): Promise<void> {
      res.setHeader("content-security-policy", DOCS_POLICY);
      const isEmpty = documentOf(domain).bytes.includes('"paths":{}');
      const page = keep(`page ${domain ?? ""}`, () => renderDocs(domain, isEmpty, versionOf(Object.keys(FILES))));
      return send(req, res, page, "text/html; charset=utf-8", "no-cache");
    },

    /** @throws NOT_FOUND for everything that is not one of the files */
    file(req: IncomingMessage, res: ServerResponse, name: string): Promise<void> {
      const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
      if (!file) throw fail("NOT_FOUND");
      // The address carries a version, so what is behind it never changes.
      return send(req, res, contentOf(name), file.type, "public, max-age=31536000, immutable");
    },
  };

  function contentOf(name: string): Body {
    return keep(`file ${name}`, () => readFileSync(join(FILES[name]?.folder ?? ours, name)));
  }
  /** Changes when any of the files does. */
  function versionOf(names: readonly string[]): string {
    const hash = createHash("sha256");
    for (const name of names) hash.update(contentOf(name).etag);
    return hash.digest("base64url").slice(0, 10);
  }
}

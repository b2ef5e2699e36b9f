import { catalogue, codeOf, type ErrorCode, type FaultData, type FieldFault } from "../../broker/errors.ts";

/** An error answer as RFC 9457 has it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: ErrorCode;
  request_id: string;
  errors?: FieldFault[];
}

/**
 * The answer for anything that was thrown, and its headers.
 * Of errors outside the catalogue and of our own faults the caller learns the request id and nothing else.
 */
export function describeProblem(
  thrown: unknown,
  requestId: string,
): { body: Problem; headers: Record<string, string> } {
  const code = codeOf(thrown);
  const entry = catalogue[code];
  // Errors that only translate to the catalogue carry data of their makers: node and action names, SQL.
  const own = (thrown as { type?: unknown } | undefined)?.type === code && entry.family !== "ours";
  const data = own ? ((thrown as { data?: FaultData | null }).data ?? {}) : {};
  const body: Problem = {
    type: `urn:eco2:error:${code}`,
    title: entry.title,
    status: entry.status,
    ...(typeof data.detail === "string" ? { detail: data.detail } : {}),
    code,
    request_id: requestId,
    ...(Array.isArray(data.errors) ? { errors: data.errors.map(onlyTheFault) } : {}),
  };
  const headers: Record<string, string> = { "content-type": "application/problem+json", "cache-control": "no-store" };
  const retryAfterS = data.retryAfterS ?? ("retryAfterS" in entry ? entry.retryAfterS : undefined);
  if (retryAfterS !== undefined) headers["retry-after"] = String(retryAfterS);
  if (entry.status === 401)
    headers["www-authenticate"] = `Bearer realm="eco2"${code === "UNAUTHENTICATED" ? "" : ', error="invalid_token"'}`;
  return { body, headers };
}

const onlyTheFault = ({ in: place, field, message }: FieldFault): FieldFault => ({ in: place, field, message });

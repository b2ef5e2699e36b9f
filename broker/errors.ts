import { Errors } from "moleculer";

/** The caller's fault: 4xx. In a channel such a message goes straight to the dead letters. */
const caller = (status: 400 | 401 | 404 | 405 | 408 | 409 | 411 | 413 | 415 | 416 | 422 | 429 | 431, title: string) =>
  ({ family: "caller", status, title }) as const;
/** The world's fault: somebody we depend on is down or slow. Retried up the ladder; REST answers Retry-After. */
const world = (status: 502 | 503 | 504, title: string, retryAfterS = 2) =>
  ({ family: "world", status, title, retryAfterS }) as const;
/** Our fault: 500, and the caller learns nothing but the request id. */
const ours = (title: string) => ({ family: "ours", status: 500, title }) as const;

/** The one catalogue: every error that leaves a room is one of these codes. */
export const catalogue = {
  BAD_REQUEST: caller(400, "The request could not be understood."),
  MALFORMED_JSON: caller(400, "The body is not valid JSON."),
  ORIGIN_NOT_ALLOWED: caller(400, "This origin may not use the API with credentials."),
  REDIRECT_URI_REFUSED: caller(400, "redirect_uri must be the callback of this API."),
  IMAGE_URL_REFUSED: caller(
    400,
    "image_url must be a picture uploaded through /images; other addresses are never fetched.",
  ),
  INVALID_STORE_CATEGORY: caller(400, "There is no such kind of place."),
  INVALID_PICKUP_CATEGORY: caller(400, "There is no such kind of thing to bring."),
  FILE_UNFIT: caller(422, "The file cannot be imported."),
  MESSAGE_REQUIRED: caller(400, "A turn needs a message or a picture."),
  IMAGE_URL_REQUIRED: caller(400, "A scan needs image_url."),
  UNSUPPORTED_MODEL: caller(400, "This model is not offered."),
  INVALID_STATE: caller(400, "The sign-in attempt is unknown, used or expired."),
  INVALID_CATEGORY: caller(400, "There is no such category of news."),
  INVALID_SOURCE: caller(400, "There is no such source of news."),
  INVALID_CURSOR_FORMAT: caller(400, "The cursor cannot be read."),
  CHANNEL_MISMATCH: caller(400, "The key belongs to another channel."),
  UNAUTHENTICATED: caller(401, "Sign in first."),
  TOKEN_EXPIRED: caller(401, "The token has expired."),
  TOKEN_INVALID: caller(401, "The token is not valid."),
  TOKEN_REVOKED: caller(401, "The session has been ended."),
  NOT_FOUND: caller(404, "There is nothing at this address."),
  PROVIDER_NOT_CONFIGURED: caller(404, "This sign-in provider is not configured."),
  USER_NOT_FOUND: caller(404, "No such user."),
  SESSION_NOT_FOUND: caller(404, "No such session."),
  CHARACTER_NOT_FOUND: caller(404, "No such character."),
  RESULT_NOT_FOUND: caller(404, "No such scan."),
  ITEM_NOT_FOUND: caller(404, "The knowledge has no such item."),
  REGION_NOT_FOUND: caller(404, "The knowledge has no such municipality."),
  LOCATION_NOT_FOUND: caller(404, "No such place."),
  ADDRESS_NOT_FOUND: caller(404, "No such address is known."),
  CHAT_NOT_FOUND: caller(404, "No such chat."),
  TURN_NOT_FOUND: caller(404, "No such turn of a chat."),
  UPLOAD_NOT_FOUND: caller(404, "No such upload, or its time is over."),
  IMAGE_NOT_FOUND: caller(404, "No such image."),
  METHOD_NOT_ALLOWED: caller(405, "This address does not take this method."),
  REQUEST_TOO_SLOW: caller(408, "The request took too long to arrive."),
  IDEMPOTENCY_KEY_REUSED: caller(409, "This idempotency key was used for a different request."),
  UPLOAD_EXISTS: caller(409, "This upload has already been received."),
  BODY_TOO_LARGE: caller(413, "The body is larger than this address takes."),
  IMAGE_TOO_LARGE: caller(413, "The picture is larger than 10 MiB."),
  UNSUPPORTED_MEDIA_TYPE: caller(415, "This content type is not taken here."),
  VALIDATION_FAILED: caller(422, "The request does not fit its schema."),
  NO_CHANGES_PROVIDED: caller(422, "There is nothing to change."),
  INVALID_PHONE_NUMBER: caller(422, "The phone number is no Korean mobile number."),
  INVALID_NICKNAME: caller(422, "The nickname has nothing to be called by, or is too long."),
  IMAGE_INVALID: caller(422, "The file is not a picture that can be read."),
  SIGNATURE_INVALID: caller(404, "The upload address is not valid or its time is over."),
  RATE_LIMITED: caller(429, "Too many requests."),
  TOO_MANY_STREAMS: caller(429, "Too many of your event streams are open."),
  TOO_MANY_TURNS: caller(429, "Too many messages of yours wait for an answer already."),
  HEADERS_TOO_LARGE: caller(431, "The request headers are too large."),
  PROVIDER_FAILED: world(502, "The sign-in provider did not answer as it should."),
  MODEL_UNAVAILABLE: world(503, "The model did not answer."),
  MODEL_OUTPUT_INVALID: world(502, "The model answered in a form that does not fit."),
  MODEL_TIMEOUT: world(504, "The model did not answer in time."),
  DATABASE_UNAVAILABLE: world(503, "The database does not answer."),
  STORAGE_UNAVAILABLE: world(503, "The image store does not answer."),
  SERVICE_UNAVAILABLE: world(503, "This part of Eco² is not available at the moment."),
  DEADLINE_EXCEEDED: world(504, "The answer did not come in time."),
  SCAN_NOT_FINISHED: world(503, "The scan goes on; ask for its result later."),
  INTERNAL: ours("Something went wrong on our side."),
} as const;

export type ErrorCode = keyof typeof catalogue;
export type ErrorFamily = (typeof catalogue)[ErrorCode]["family"];

/** One field that is wrong: where it came from, its path, and what is wrong with it. */
export interface FieldFault {
  in: "path" | "query" | "header" | "cookie" | "body" | "params";
  field: string;
  message: string;
}
export interface FaultData {
  detail?: string;
  errors?: FieldFault[];
  retryAfterS?: number;
}

/**
 * Makes an error of the catalogue: `throw fail("RESULT_NOT_FOUND")`.
 * Stock Moleculer classes are used because only they survive the wire; tell errors apart by `type`, never by class.
 * @param detail what is wrong in this very case, safe to show to the caller
 */
export function fail(code: ErrorCode, detail?: string, data: Omit<FaultData, "detail"> = {}): Errors.MoleculerError {
  const entry = catalogue[code];
  const payload: FaultData = {
    ...("retryAfterS" in entry ? { retryAfterS: entry.retryAfterS } : {}),
    ...(detail === undefined ? {} : { detail }),
    ...data,
  };
  if (entry.family === "caller") return new Errors.MoleculerClientError(entry.title, entry.status, code, payload);
  if (entry.family === "world") return new Errors.MoleculerRetryableError(entry.title, entry.status, code, payload);
  return new Errors.MoleculerServerError(entry.title, entry.status, code, payload);
}

/** The catalogue code of anything thrown, wherever it came from; what is not in the catalogue is INTERNAL. */
export function codeOf(thrown: unknown): ErrorCode {
  if (!(thrown instanceof Error)) return "INTERNAL";
  const type = (thrown as { type?: unknown }).type;
  if (typeof type === "string" && Object.hasOwn(catalogue, type)) return type as ErrorCode;
  return FOREIGN.get(typeof type === "string" && type !== "" ? type : thrown.name) ?? "INTERNAL";
}

/** Errors that Moleculer and moleculer-web throw themselves, in the catalogue's terms. */
const FOREIGN = new Map<string, ErrorCode>([
  ["VALIDATION_ERROR", "VALIDATION_FAILED"],
  ["SERVICE_NOT_FOUND", "SERVICE_UNAVAILABLE"],
  ["SERVICE_NOT_AVAILABLE", "SERVICE_UNAVAILABLE"],
  ["REQUEST_TIMEOUT", "DEADLINE_EXCEEDED"],
  ["REQUEST_SKIPPED", "DEADLINE_EXCEEDED"],
  ["REQUEST_REJECTED", "SERVICE_UNAVAILABLE"],
  ["QUEUE_FULL", "SERVICE_UNAVAILABLE"],
  ["BROKER_DISCONNECTED", "SERVICE_UNAVAILABLE"],
]);

export const familyOf = (thrown: unknown): ErrorFamily => catalogue[codeOf(thrown)].family;

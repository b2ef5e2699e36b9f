import type { Raw } from "./env.ts";

const WEAK = /change.?me|secret|password|example|12345|test|^(.)\1*$/i;

/** What production cannot do without, and the room that needs it: a process gets no key that its rooms do not use. */
const REQUIRED = [
  { name: "DATABASE_URL", room: undefined },
  { name: "AUTH_PRIVATE_KEY", room: "auth" },
  { name: "IMAGE_SIGNING_SECRET", room: "images" },
  { name: "PUBLIC_URL", room: "api" },
] as const;

/** What is fine on a laptop and dangerous in front of people, as `NAME: what is wrong`. */
export function productionFaults(raw: Raw): string[] {
  const faults: string[] = [];
  const rooms = raw.SERVICES?.split(",");
  for (const { name, room } of REQUIRED) {
    const runs = room === undefined || (rooms?.includes(room) ?? true);
    if (runs && raw[name] === undefined) faults.push(`${name}: is required in production`);
  }
  for (const name of [
    ...(["IMAGE_SIGNING_SECRET", "OPENAI_API_KEY", "GEMINI_API_KEY", "S3_SECRET_ACCESS_KEY"] as const),
    ...(["GOOGLE_CLIENT_SECRET", "KAKAO_CLIENT_SECRET", "NAVER_CLIENT_SECRET"] as const),
  ]) {
    const value = raw[name];
    if (value !== undefined && (WEAK.test(value) || new Set(value).size < 8))
      faults.push(`${name}: is too weak for production`);
  }
  for (const [name, value] of Object.entries(raw))
    if (
      /^(GOOGLE|KAKAO|NAVER)_(ISSUER|AUTHORIZE_URL|TOKEN_URL|PROFILE_URL)$/.test(name) &&
      String(value).startsWith("http://")
    )
      faults.push(`${name}: must be https in production`);
  if (raw.PUBLIC_URL?.startsWith("http://")) faults.push("PUBLIC_URL: must be https in production");
  if (raw.COOKIE_SECURE === false) faults.push("COOKIE_SECURE: may not be off in production");
  const localOrigin = /^http:|localhost|127\.0\.0\.1/;
  if (raw.ALLOWED_ORIGINS.split(",").some(origin => localOrigin.test(origin)))
    faults.push("ALLOWED_ORIGINS: plain http and local origins are not allowed in production");
  if (localOrigin.test(raw.FRONTEND_URL))
    faults.push("FRONTEND_URL: plain http and local addresses are not allowed in production");
  if (raw.LOG_LEVEL === "trace" || raw.LOG_LEVEL === "debug")
    faults.push("LOG_LEVEL: trace and debug are not allowed in production");
  return faults;
}

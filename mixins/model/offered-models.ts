import { fail } from "../../broker/errors.ts";

/** Models that the app offers; without a key all of them mean the on-device engine. */
export const OFFERED_MODELS = [
  "gpt-5.2",
  "gpt-5.2-pro",
  "gpt-5.1",
  "gpt-5",
  "gpt-5-pro",
  "gpt-5-mini",
  "gemini-3-pro-preview",
  "gemini-3-flash-preview",
  "gemini-2.5-pro",
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-2.0-flash",
  "gemini-2.0-flash-lite",
] as const;

/** @throws UNSUPPORTED_MODEL for a name that the app does not offer */
export function assertOffered(model: string | null): void {
  if (model !== null && !(OFFERED_MODELS as readonly string[]).includes(model))
    throw fail("UNSUPPORTED_MODEL", `offered are: ${OFFERED_MODELS.join(", ")}`);
}

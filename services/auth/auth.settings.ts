import type { Env } from "../../broker/env.ts";
import type { ProviderSettings } from "./providers.ts";

/** What sign-in reads of the settings. */
export type AuthSettings = Pick<
  Env,
  | "PRODUCTION"
  | "AUTH_PRIVATE_KEY"
  | "ACCESS_TTL_MIN"
  | "REFRESH_TTL_MIN"
  | "COOKIE_DOMAIN"
  | "COOKIE_SECURE"
  | "FRONTEND_URL"
  | "ALLOWED_ORIGINS"
> &
  ProviderSettings;

import type { Env } from "../../broker/env.ts";

export type ProviderName = "google" | "kakao" | "naver";

/** What a provider tells of the person who signed in. */
export interface Identity {
  provider: string;
  provider_user_id: string;
  nickname?: string;
  name?: string;
  email?: string;
  /** The provider has seen that the address is theirs. */
  email_verified?: boolean;
  /** https address of a picture. */
  image?: string;
  phone_number?: string;
}

export type ProviderSettings = Pick<
  Env,
  | "GOOGLE_CLIENT_ID"
  | "GOOGLE_CLIENT_SECRET"
  | "GOOGLE_ISSUER"
  | "GOOGLE_AUTHORIZE_URL"
  | "GOOGLE_TOKEN_URL"
  | "GOOGLE_PROFILE_URL"
  | "KAKAO_CLIENT_ID"
  | "KAKAO_CLIENT_SECRET"
  | "KAKAO_AUTHORIZE_URL"
  | "KAKAO_TOKEN_URL"
  | "KAKAO_PROFILE_URL"
  | "NAVER_CLIENT_ID"
  | "NAVER_CLIENT_SECRET"
  | "NAVER_AUTHORIZE_URL"
  | "NAVER_TOKEN_URL"
  | "NAVER_PROFILE_URL"
  | "OAUTH_TIMEOUT_MS"
>;

/** A provider that we are registered at. */
export interface Provider {
  readonly name: ProviderName;
  readonly clientId: string;
  /** Kakao asks for one only where its console says so. */
  readonly clientSecret: string | undefined;
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly profileUrl: string;
  /** Proof key for code exchange, S256. Naver has none. */
  readonly pkce: boolean;
  /** Gives an ID token that carries our nonce. */
  readonly openId: boolean;
  /** Space-separated; undefined: what the provider's console says. */
  readonly scope: string | undefined;
  /** Further parameters of the address that people are sent to. */
  readonly extra: Readonly<Record<string, string>>;
  /** The token form carries the state (Naver). */
  readonly stateAtToken: boolean;
  /** Reads the provider's answer about the person; undefined where it names nobody. */
  readonly readProfile: (body: unknown) => Omit<Identity, "provider"> | undefined;
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
/** What is longer than it can be, or more than a line, is left out: an odd field must not keep the person from signing in. */
const line = (value: unknown, maxLength: number): string | undefined => {
  const said = text(value);
  return said !== undefined && said.length <= maxLength && !/[\p{Cc}\p{Cs}]/u.test(said) ? said : undefined;
};
const email = (value: unknown): string | undefined => line(value, 320);
const phone = (value: unknown): string | undefined => line(value, 40);
/** Kakao's ids are numbers; one beyond what a number holds might be another person's. */
const id = (value: unknown): string | undefined => (Number.isSafeInteger(value) ? String(value) : text(value));
const https = (value: unknown): string | undefined => {
  const url = line(value, 2048);
  return url?.startsWith("https://") === true ? url : undefined;
};

/** Leaves out what the provider did not say. @returns undefined without an id */
function identity(
  userId: string | undefined,
  told: Readonly<
    Record<Exclude<keyof Identity, "provider" | "provider_user_id" | "email_verified">, string | undefined>
  >,
  emailVerified: boolean,
): Omit<Identity, "provider"> | undefined {
  if (userId === undefined) return undefined;
  const said = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return { provider_user_id: userId, ...said, email_verified: told.email !== undefined && emailVerified };
}

/** Fields as each provider documents them (contract §2.3). Naver's address is any that the person wrote down, so it proves nothing. */
const readGoogle: Provider["readProfile"] = body => {
  const { sub, email: address, email_verified: verified, given_name: nickname, name, ...more } = fieldsOf(body);
  const told = {
    email: email(address),
    nickname: text(nickname),
    name: text(name),
    image: https(more["picture"]),
    phone_number: phone(more["phone_number"]),
  };
  return identity(id(sub), told, verified === true);
};
const readKakao: Provider["readProfile"] = body => {
  const { id: userId, kakao_account: kakaoAccount } = fieldsOf(body);
  const account = fieldsOf(kakaoAccount);
  const profile = fieldsOf(account["profile"]);
  const nickname = text(profile["nickname"]);
  const told = {
    email: email(account["email"]),
    nickname,
    name: nickname,
    image: https(profile["profile_image_url"]),
    phone_number: phone(account["phone_number"]),
  };
  return identity(id(userId), told, account["is_email_valid"] === true && account["is_email_verified"] === true);
};
const readNaver: Provider["readProfile"] = body => {
  const {
    id: userId,
    email: address,
    nickname,
    name,
    profile_image: image,
    mobile_e164: e164,
    mobile,
  } = fieldsOf(fieldsOf(body)["response"]);
  const told = {
    email: email(address),
    nickname: text(nickname),
    name: text(name),
    image: https(image),
    phone_number: phone(e164) ?? phone(mobile),
  };
  return identity(id(userId), told, false);
};

/** The providers that have a client id among the settings. */
export function configuredProviders(settings: ProviderSettings): ReadonlyMap<ProviderName, Provider> {
  const all = [
    {
      name: "google",
      clientId: settings.GOOGLE_CLIENT_ID,
      clientSecret: settings.GOOGLE_CLIENT_SECRET,
      issuer: settings.GOOGLE_ISSUER,
      authorizeUrl: settings.GOOGLE_AUTHORIZE_URL,
      tokenUrl: settings.GOOGLE_TOKEN_URL,
      profileUrl: settings.GOOGLE_PROFILE_URL,
      pkce: true,
      openId: true,
      scope: "openid email profile",
      extra: { access_type: "offline", include_granted_scopes: "true", prompt: "consent" },
      stateAtToken: false,
      readProfile: readGoogle,
    },
    {
      name: "kakao",
      clientId: settings.KAKAO_CLIENT_ID,
      clientSecret: settings.KAKAO_CLIENT_SECRET,
      issuer: "https://kauth.kakao.com",
      authorizeUrl: settings.KAKAO_AUTHORIZE_URL,
      tokenUrl: settings.KAKAO_TOKEN_URL,
      profileUrl: settings.KAKAO_PROFILE_URL,
      pkce: true,
      openId: false,
      scope: undefined,
      extra: {},
      stateAtToken: false,
      readProfile: readKakao,
    },
    {
      name: "naver",
      clientId: settings.NAVER_CLIENT_ID,
      clientSecret: settings.NAVER_CLIENT_SECRET,
      issuer: "https://nid.naver.com",
      authorizeUrl: settings.NAVER_AUTHORIZE_URL,
      tokenUrl: settings.NAVER_TOKEN_URL,
      profileUrl: settings.NAVER_PROFILE_URL,
      pkce: false,
      openId: false,
      scope: "profile email",
      extra: {},
      stateAtToken: true,
      readProfile: readNaver,
    },
  ] as const;
  return new Map(
    all.flatMap(({ clientId, ...provider }): [ProviderName, Provider][] =>
      clientId === undefined ? [] : [[provider.name, { ...provider, clientId }]],
    ),
  );
}

import { randomUUID } from "node:crypto";
import type { Tx } from "../../mixins/database/database.ts";

/** A provider's identity and what the provider tells about it; null: it says nothing. */
export interface SignIn {
  provider: string;
  providerUserId: string;
  /** For a new account only. */
  nickname: string;
  name: string | null;
  email: string | null;
  /** The provider has seen that the address is theirs. */
  emailVerified: boolean;
  image: string | null;
  /** As the provider writes it. */
  phone: string | null;
}

export interface Account {
  id: string;
  nickname: string;
  name: string | null;
  phone_number: string | null;
  last_login_at: Date;
}

/**
 * Notes a sign-in and opens the account at the first one; needs a transaction. The identity's unique row comes first: of two first
 * sign-ins at the same time the second waits there and then finds the account of the first. A new identity joins the account that has
 * the same address where both providers have verified it: an address that somebody merely wrote down opens no account of another's.
 */
export async function noteSignIn(tx: Tx, signIn: SignIn): Promise<{ accountId: string; created: boolean }> {
  const { provider, providerUserId } = signIn;
  const fresh = randomUUID();
  const identity = await tx.one<{ account_id: string }>(
    `insert into users.social_accounts (provider, provider_user_id, account_id) values ($1, $2, $3)
     on conflict (provider, provider_user_id) do update set last_login_at = now()
     returning account_id`,
    [provider, providerUserId, fresh],
  );
  const known = identity?.account_id ?? fresh;
  if (known !== fresh) {
    await refresh(tx, known, signIn);
    return { accountId: known, created: false };
  }
  const sameAddress = await findByVerifiedEmail(tx, signIn);
  if (sameAddress !== undefined) {
    await tx.run("update users.social_accounts set account_id = $3 where provider = $1 and provider_user_id = $2", [
      provider,
      providerUserId,
      sameAddress,
    ]);
    await refresh(tx, sameAddress, signIn);
    return { accountId: sameAddress, created: false };
  }
  const { nickname, name, email, emailVerified, image, phone } = signIn;
  await tx.run(
    `insert into users.accounts (id, nickname, name, email, email_verified, image, phone_number)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [fresh, nickname, name, email, emailVerified, image, phone],
  );
  return { accountId: fresh, created: true };
}

/** Takes over what the provider says now; what the person may change themselves stays. */
const refresh = (tx: Tx, accountId: string, { name, email, emailVerified, image, phone }: SignIn): Promise<number> =>
  tx.run(
    `update users.accounts set last_login_at = now(), name = coalesce($2, name), image = coalesce($4, image),
       email_verified = case when $3::text is null then email_verified
         when lower($3) = lower(email) then email_verified or $5 else $5 end,
       email = coalesce($3, email), phone_number = coalesce(phone_number, $6)
     where id = $1`,
    [accountId, name, email, image, emailVerified, phone],
  );

/** The lock keeps two first sign-ins of one person, at two providers at the same time, from opening two accounts. */
async function findByVerifiedEmail(tx: Tx, { email, emailVerified }: SignIn): Promise<string | undefined> {
  if (email === null || !emailVerified) return undefined;
  await tx.run("select pg_advisory_xact_lock(hashtext('users.email'), hashtext(lower($1)))", [email]);
  const account = await tx.one<{ id: string }>(
    "select id from users.accounts where lower(email) = lower($1) and email_verified order by created_at limit 1 for update",
    [email],
  );
  return account?.id;
}

export const findAccount = (db: Tx, id: string): Promise<Account | undefined> =>
  db.one<Account>("select id, nickname, name, phone_number, last_login_at from users.accounts where id = $1", [id]);

/** What a person may change themselves; undefined: stays. */
export interface Changes {
  nickname?: string | undefined;
  /** As it is kept; null: none. */
  phone?: string | null | undefined;
}

/** @returns undefined where there is no such account */
export const changeAccount = (db: Tx, id: string, { nickname, phone }: Changes): Promise<Account | undefined> =>
  db.one<Account>(
    `update users.accounts set nickname = coalesce($2, nickname),
       phone_number = case when $4 then $3 else phone_number end
     where id = $1 returning id, nickname, name, phone_number, last_login_at`,
    [id, nickname ?? null, phone ?? null, phone !== undefined],
  );

/** Ends the account with its identities. @returns false where there is none */
export const removeAccount = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.run("delete from users.accounts where id = $1", [id])) === 1;

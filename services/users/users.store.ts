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
  image: string | null;
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
 * sign-ins at the same time the second waits there and then finds the account of the first.
 */
export async function noteSignIn(tx: Tx, signIn: SignIn): Promise<{ accountId: string; created: boolean }> {
  const { provider, providerUserId, nickname, name, email, image } = signIn;
  const fresh = randomUUID();
  const identity = await tx.one<{ account_id: string }>(
    `insert into users.social_accounts (provider, provider_user_id, account_id) values ($1, $2, $3)
     on conflict (provider, provider_user_id) do update set last_login_at = now()
     returning account_id`,
    [provider, providerUserId, fresh],
  );
  const accountId = identity?.account_id ?? fresh;
  const created = accountId === fresh;
  if (created)
    await tx.run("insert into users.accounts (id, nickname, name, email, image) values ($1, $2, $3, $4, $5)", [
      accountId,
      nickname,
      name,
      email,
      image,
    ]);
  else
    await tx.run(
      `update users.accounts set last_login_at = now(),
         name = coalesce($2, name), email = coalesce($3, email), image = coalesce($4, image)
       where id = $1`,
      [accountId, name, email, image],
    );
  return { accountId, created };
}

export const findAccount = (db: Tx, id: string): Promise<Account | undefined> =>
  db.one<Account>("select id, nickname, name, phone_number, last_login_at from users.accounts where id = $1", [id]);

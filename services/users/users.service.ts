import { fail } from "../../broker/errors.ts";
import { service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { cleanName } from "./clean-name.ts";
import { makeNickname } from "./make-nickname.ts";
import { shownPhone, storedPhone } from "./phone-number.ts";
import { users } from "./users.contract.ts";
import { type Account, findAccount, noteSignIn } from "./users.store.ts";

/** A first sign-in doesn't wait long for its welcome present: the list of characters gives it too. */
const WELCOME_TIMEOUT_MS = 2_000;

export default service(users)({
  mixins: [database("users", { tables: ["accounts"] })],

  methods: {
    /** @throws USER_NOT_FOUND: the account is gone, though its token still lives */
    async account(userId: string): Promise<Account> {
      const account = await findAccount(this.db(), userId);
      if (!account) throw fail("USER_NOT_FOUND");
      return account;
    },
  },

  actions: {
    async profile(ctx) {
      const account = await this.account(ctx.user.userId);
      return {
        username: account.name ?? account.nickname,
        display_name: account.nickname,
        nickname: account.nickname,
        phone_number: account.phone_number === null ? null : shownPhone(account.phone_number),
        provider: ctx.user.provider,
        last_login_at: account.last_login_at.toISOString(),
      };
    },

    async characters(ctx) {
      const { id } = await this.account(ctx.user.userId);
      return ctx.call("character.owned", { user_id: id });
    },

    async signIn(ctx) {
      const {
        provider,
        provider_user_id: providerUserId,
        email = null,
        image = null,
        phone_number: phone,
      } = ctx.params;
      const name = cleanName(ctx.params.name) ?? null;
      const nickname = cleanName(ctx.params.nickname) ?? name ?? makeNickname();
      const signIn = {
        ...{ provider, providerUserId, nickname, name, email, image, phone: storedPhone(phone) ?? null },
        emailVerified: email !== null && ctx.params.email_verified === true,
      };
      const { accountId, created } = await this.transaction((tx: Tx) => noteSignIn(tx, signIn));
      if (created)
        await ctx
          .call("character.owned", { user_id: accountId }, { timeout: WELCOME_TIMEOUT_MS })
          .catch((cause: unknown) => this.logger.warn({ err: cause, user: accountId }, "no welcome character yet"));
      else await ctx.broadcast("users.changed", { user_id: accountId });
      return { user_id: accountId, created };
    },

    async exists(ctx) {
      return (await findAccount(this.db(), ctx.params.user_id)) !== undefined;
    },
  },
});

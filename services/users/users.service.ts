import type { Static } from "typebox";
import { fail } from "../../broker/errors.ts";
import { type Caller, type Ctx, service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import type { Tx } from "../../mixins/database/database.ts";
import { outbox } from "../../mixins/outbox/outbox.mixin.ts";
import { chosenName, cleanName } from "./clean-name.ts";
import { makeNickname } from "./make-nickname.ts";
import { shownPhone, storedPhone } from "./phone-number.ts";
import { type Profile, users } from "./users.contract.ts";
import { type Account, changeAccount, findAccount, noteSignIn, removeAccount } from "./users.store.ts";

/** A first sign-in doesn't wait long for its welcome present: the list of characters gives it too. */
const WELCOME_TIMEOUT_MS = 2_000;

export default service(users)({
  mixins: [database("users", { tables: ["accounts"] }), outbox()],

  methods: {
    /** @throws USER_NOT_FOUND: the account is gone, though its token still lives */
    async account(userId: string): Promise<Account> {
      const account = await findAccount(this.db(), userId);
      if (!account) throw fail("USER_NOT_FOUND");
      return account;
    },

    /** The account is gone at once; what other rooms know of the person goes with the message. @throws USER_NOT_FOUND */
    async removeAccountOf(ctx: Ctx<unknown, Caller>): Promise<void> {
      const { userId } = ctx.user;
      await this.transaction(async (tx: Tx) => {
        if (!(await removeAccount(tx, userId))) throw fail("USER_NOT_FOUND");
        await this.send(tx, "users.removed", { user_id: userId }, ctx.requestID);
      });
      await ctx.broadcast("users.changed", { user_id: userId });
      // The message does it too; now, so that no other device goes on for a moment.
      await ctx
        .call("auth.endSessions", { user_id: userId }, { timeout: WELCOME_TIMEOUT_MS })
        .catch((cause: unknown) => this.logger.warn({ err: cause, user: userId }, "sessions end with the message"));
    },
  },

  actions: {
    async profile(ctx) {
      return profileOf(await this.account(ctx.user.userId), ctx.user.provider);
    },

    async update(ctx) {
      const { userId, provider } = ctx.user;
      const { nickname: wanted, phone_number: number } = ctx.params;
      if (wanted === undefined && number === undefined) throw fail("NO_CHANGES_PROVIDED");
      const nickname = wanted === undefined ? undefined : chosenName(wanted);
      if (wanted !== undefined && nickname === undefined) throw fail("INVALID_NICKNAME");
      const phone = typeof number === "string" ? storedPhone(number) : number;
      if (typeof number === "string" && phone === undefined) throw fail("INVALID_PHONE_NUMBER");
      const account = await changeAccount(this.db(), userId, { nickname, phone });
      if (!account) throw fail("USER_NOT_FOUND");
      await ctx.broadcast("users.changed", { user_id: userId });
      return profileOf(account, provider);
    },

    async remove(ctx) {
      await this.removeAccountOf(ctx);
      return null;
    },

    async removeWithWord(ctx) {
      await this.removeAccountOf(ctx);
      return { message: "탈퇴했어요. 그동안 함께해 주셔서 고마워요." };
    },

    async ownership(ctx) {
      const { id } = await this.account(ctx.user.userId);
      const name = ctx.params.character_name.normalize("NFC").trim();
      const catalog = await ctx.call("character.catalog", {});
      if (!catalog.some(each => each.name === name)) throw fail("CHARACTER_NOT_FOUND");
      const owned = await ctx.call("character.owned", { user_id: id });
      return { character_name: name, owned: owned.some(each => each.name === name) };
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

  channels: {
    /** Each room forgets by itself; what fails is tried again as a whole, and a second time changes nothing. */
    async "users.removed"({ user_id }, delivery) {
      await delivery.call("auth.endSessions", { user_id });
      await delivery.call("character.forget", { user_id });
      await delivery.call("chat.forget", { user_id });
      await delivery.call("scan.forget", { user_id });
    },
  },
});

const profileOf = (account: Account, provider: string): Static<typeof Profile> => ({
  username: account.name ?? account.nickname,
  display_name: account.nickname,
  nickname: account.nickname,
  phone_number: account.phone_number === null ? null : shownPhone(account.phone_number),
  provider,
  last_login_at: account.last_login_at.toISOString(),
});

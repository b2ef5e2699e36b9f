import { createHash } from "node:crypto";
import { fail } from "../../broker/errors.ts";
import { type Ctx, service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import type { Tx } from "../../mixins/database/database.ts";
import type { Character } from "../../mixins/knowledge/knowledge.types.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { seoulTime } from "../../mixins/seoul-time.ts";
import { character } from "./character.contract.ts";
import {
  forgetPerson,
  type Grant,
  grant,
  listGoodDays,
  listOwned,
  noteGoodScan,
  type Ownership,
} from "./character.store.ts";
import { countStreak } from "./count-streak.ts";
import { matchCharacter } from "./match-character.ts";

export default service(character)({
  mixins: [database("character", { tables: ["ownerships"] })],

  methods: {
    /** Grants in one transaction with what else is to be noted, and tells the house of it once it is durable. */
    async grantAndTell(
      ctx: Pick<Ctx<unknown>, "broadcast">,
      won: Character,
      to: Pick<Grant, "userId" | "sourceId" | "source">,
      note: (tx: Tx) => Promise<unknown> = async () => undefined,
    ): Promise<Ownership & { fresh: boolean }> {
      const owned = await this.transaction(async (tx: Tx) => {
        await note(tx);
        return grant(tx, { ...to, code: won.code, acceptedCodes: won.accepted_codes });
      });
      if (owned.fresh)
        await ctx.broadcast("character.granted", {
          user_id: to.userId,
          code: won.code,
          name: won.name,
          source: to.source,
          source_id: to.sourceId,
          acquired_at: owned.acquired_at.toISOString(),
        });
      return owned;
    },
  },

  actions: {
    async forget(ctx) {
      await this.transaction((tx: Tx) => forgetPerson(tx, ctx.params.user_id));
      return null;
    },

    async catalog() {
      return loadKnowledge()
        .characters.map(catalogEntry)
        .sort((a, b) => a.name.localeCompare(b.name, "ko"));
    },

    async progress(ctx) {
      const { userId } = ctx.user;
      const [owned, goodDays] = await Promise.all([listOwned(this.db(), userId), listGoodDays(this.db(), userId)]);
      const { characters } = loadKnowledge();
      const entries = characters.map(each => {
        const ownership = owned.find(({ code }) => hasCode(each, code));
        return {
          code: each.code,
          name: each.name,
          match: catalogEntry(each).match,
          owned: ownership !== undefined,
          acquired_at: ownership?.acquired_at.toISOString() ?? null,
        };
      });
      const ownedCount = entries.filter(each => each.owned).length;
      const streak = countStreak(
        goodDays.map(({ day }) => day),
        seoulTime(new Date()).day,
      );
      return {
        owned: ownedCount,
        total: characters.length,
        percent: Math.floor((100 * ownedCount) / characters.length),
        good_scans: goodDays.reduce((sum, { scans }) => sum + scans, 0),
        streak_days: streak.currentDays,
        longest_streak_days: streak.longestDays,
        last_good_day: goodDays[0]?.day ?? null,
        characters: entries,
      };
    },

    async reward(ctx) {
      const { user_id: userId, source_id: sourceId, middle, minor } = ctx.params;
      const won = matchCharacter(loadKnowledge().characters, ctx.params);
      if (!won) return null;
      const owned = await this.grantAndTell(ctx, won, { userId, sourceId, source: "scan-reward" }, tx =>
        noteGoodScan(tx, sourceId, userId),
      );
      const received = owned.source_id === sourceId;
      return {
        received,
        already_owned: !received,
        name: won.name,
        dialog: won.dialog,
        match_reason: minor === "" || minor === middle ? middle : `${middle}>${minor}`,
        character_type: won.type,
        type: won.type,
      };
    },

    async grantDefault(ctx) {
      const first = defaultCharacter();
      const to = { userId: ctx.params.user_id, sourceId: null, source: "default-onboard" } as const;
      const { fresh } = await this.grantAndTell(ctx, first, to);
      return { acquired: fresh, character: catalogEntry(first) };
    },

    async owned(ctx) {
      const userId = ctx.params.user_id;
      let owned = await listOwned(this.db(), userId);
      if (owned.length === 0)
        owned = [
          await this.grantAndTell(ctx, defaultCharacter(), { userId, sourceId: null, source: "default-onboard" }),
        ];
      const { characters } = loadKnowledge();
      return owned.flatMap(({ code, acquired_at: acquiredAt }) => {
        const known = characters.find(each => hasCode(each, code));
        return known ? [{ ...present(known), acquired_at: acquiredAt.toISOString() }] : [];
      });
    },
  },
});

const hasCode = (character: Character, code: string): boolean =>
  character.code === code || character.accepted_codes.includes(code);

/** The one that everybody begins with; the check of the knowledge sees to it that there is one. */
function defaultCharacter(): Character {
  const first = loadKnowledge().characters.find(each => each.default);
  if (!first) throw fail("INTERNAL", "the knowledge has no default character");
  return first;
}

const catalogEntry = ({ name, type, dialog, match, default: isDefault }: Character) => ({
  name,
  type,
  dialog,
  match: isDefault ? null : match,
});

const present = ({ code, name, type, dialog }: Character) => ({ id: characterId(code), code, name, type, dialog });

/** A UUID that a code always has, since clients keep characters by UUID and the catalogue keeps them by code. */
function characterId(code: string): string {
  const hex = createHash("sha256").update(`eco2:character:${code}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

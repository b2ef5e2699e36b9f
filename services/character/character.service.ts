import { createHash } from "node:crypto";
import { service } from "../../broker/service.ts";
import { database } from "../../mixins/database/database.mixin.ts";
import type { Character } from "../../mixins/knowledge/knowledge.types.ts";
import { loadKnowledge } from "../../mixins/knowledge/load-knowledge.ts";
import { character } from "./character.contract.ts";
import { grant, listOwned } from "./character.store.ts";
import { matchCharacter } from "./match-character.ts";

export default service(character)({
  mixins: [database("character", { tables: ["ownerships"] })],

  actions: {
    async catalog() {
      return loadKnowledge()
        .characters.map(({ name, type, dialog, match, default: isDefault }) => ({
          name,
          type,
          dialog,
          match: isDefault ? null : match,
        }))
        .sort((a, b) => a.name.localeCompare(b.name, "ko"));
    },

    async reward(ctx) {
      const { user_id: userId, source_id: sourceId, middle, minor } = ctx.params;
      const won = matchCharacter(loadKnowledge().characters, ctx.params);
      if (!won) return null;
      const owned = await grant(this.db(), { userId, code: won.code, sourceId, source: "scan-reward" });
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

    async owned(ctx) {
      const userId = ctx.params.user_id;
      const { characters } = loadKnowledge();
      let owned = await listOwned(this.db(), userId);
      const first = characters.find(each => each.default);
      if (owned.length === 0 && first)
        owned = [await grant(this.db(), { userId, code: first.code, sourceId: null, source: "default-onboard" })];
      return owned.flatMap(({ code, acquired_at: acquiredAt }) => {
        const known = characters.find(each => each.code === code || each.accepted_codes.includes(code));
        return known ? [{ ...present(known), acquired_at: acquiredAt.toISOString() }] : [];
      });
    },
  },
});

const present = ({ code, name, type, dialog }: Character) => ({ id: characterId(code), code, name, type, dialog });

/** A UUID that a code always has, since clients keep characters by UUID and the catalogue keeps them by code. */
function characterId(code: string): string {
  const hex = createHash("sha256").update(`eco2:character:${code}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

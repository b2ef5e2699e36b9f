import Type from "typebox";
import { type ActionsOf, contract } from "../../broker/contract.ts";
import { OwnedCharacter } from "../users/users.contract.ts";

/** The reward of a finished scan, all seven fields. */
export const Reward = Type.Object({
  received: Type.Boolean({ description: "true only when this very scan granted the character" }),
  already_owned: Type.Boolean(),
  name: Type.String(),
  dialog: Type.String(),
  match_reason: Type.String(),
  character_type: Type.String(),
  type: Type.String({ description: "the same as character_type" }),
});

export const character = contract("character", {
  actions: {
    catalog: {
      summary: "All characters that can be won",
      rest: "GET /character/catalog",
      idempotent: true,
      params: Type.Object({}),
      result: Type.Array(
        Type.Object({
          name: Type.String(),
          type: Type.String(),
          dialog: Type.String(),
          match: Type.Union([Type.String(), Type.Null()]),
        }),
      ),
    },
    reward: {
      summary: "Grants the character of a class, once per person; the same source asks again and gets the same answer",
      idempotent: true,
      params: Type.Object({
        user_id: Type.String({ format: "uuid" }),
        source_id: Type.String({ format: "uuid", description: "the scan that earns it" }),
        major: Type.String(),
        middle: Type.String(),
        minor: Type.String(),
        rule_found: Type.Boolean(),
        insufficiencies: Type.Integer({ minimum: 0, description: "how many things are still wrong with the item" }),
      }),
      result: Type.Union([Reward, Type.Null()]),
    },
    owned: {
      summary: "Characters of a person, newest first; grants 이코 when there is none yet",
      idempotent: true,
      params: Type.Object({ user_id: Type.String({ format: "uuid" }) }),
      result: Type.Array(OwnedCharacter),
    },
  },
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof character> {}
}

import Type from "typebox";
import { type ActionsOf, contract } from "../../broker/contract.ts";
import { OwnedCharacter } from "../users/users.contract.ts";

const UserId = Type.String({ format: "uuid" });

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

const CatalogEntry = Type.Object({
  name: Type.String(),
  type: Type.String(),
  dialog: Type.String(),
  match: Type.Union([Type.String(), Type.Null()], {
    description: "the class that wins it; null: everybody begins with it",
  }),
});

const Day = Type.String({ format: "date" });
const days = (description: string) => Type.Integer({ minimum: 0, description });

/** How far a person's collection has come. Days are those of Asia/Seoul. */
const Progress = Type.Object({
  owned: Type.Integer({ minimum: 0 }),
  total: Type.Integer({ minimum: 0 }),
  percent: Type.Integer({ minimum: 0, maximum: 100 }),
  good_scans: Type.Integer({ minimum: 0, description: "photos of recyclables with nothing left to do" }),
  streak_days: days("days in a row with a good scan, up to today or yesterday"),
  longest_streak_days: days("the longest such row so far"),
  last_good_day: Type.Union([Day, Type.Null()]),
  characters: Type.Array(
    Type.Object({
      code: Type.String(),
      name: Type.String(),
      match: CatalogEntry.properties.match,
      owned: Type.Boolean(),
      acquired_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
    }),
  ),
});

export const character = contract("character", {
  actions: {
    catalog: {
      summary: "All characters that can be won",
      rest: "GET /character/catalog",
      idempotent: true,
      cache: { ttlS: 300, of: "everyone" },
      params: Type.Object({}),
      result: Type.Array(CatalogEntry),
    },
    progress: {
      summary: "How far the signed-in person's collection has come, and their days in a row with a good scan",
      rest: "GET /character/progress",
      idempotent: true,
      params: Type.Object({}),
      result: Progress,
    },
    reward: {
      summary: "Grants the character of a class, once per person; the same source asks again and gets the same answer",
      idempotent: true,
      params: Type.Object({
        user_id: UserId,
        source_id: Type.String({ format: "uuid", description: "the scan that earns it" }),
        major: Type.String(),
        middle: Type.String(),
        minor: Type.String(),
        rule_found: Type.Boolean(),
        insufficiencies: Type.Integer({ minimum: 0, description: "how many things are still wrong with the item" }),
      }),
      result: Type.Union([Reward, Type.Null()]),
    },
    grantDefault: {
      summary: "Grants the character that everybody begins with, once per person",
      idempotent: true,
      params: Type.Object({ user_id: UserId }),
      result: Type.Object({
        acquired: Type.Boolean({ description: "true when this very call granted it" }),
        character: CatalogEntry,
      }),
    },
    forget: {
      summary: "Forgets everything of a person who left",
      idempotent: true,
      params: Type.Object({ user_id: UserId }),
      result: Type.Null(),
    },
    owned: {
      summary: "Characters of a person, newest first; grants 이코 when there is none yet",
      idempotent: true,
      cache: { ttlS: 60, of: "user_id", forgetOn: ["character.granted"] },
      params: Type.Object({ user_id: UserId }),
      result: Type.Array(OwnedCharacter),
    },
  },
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof character> {}
  interface Events {
    /** A character came to a person, for the first and only time. */
    "character.granted": {
      user_id: string;
      code: string;
      name: string;
      source: "scan-reward" | "default-onboard";
      /** The scan that earned it. */
      source_id: string | null;
      acquired_at: string;
    };
  }
}

import Type, { type Static } from "typebox";
import { type ActionsOf, contract } from "../../broker/contract.ts";

const ONE_LINE = "^[^\\p{Cc}\\p{Cs}]*$";
const UserId = Type.String({ format: "uuid" });

export const Profile = Type.Object({
  username: Type.String({ minLength: 1 }),
  display_name: Type.String({ minLength: 1 }),
  nickname: Type.String({ minLength: 1 }),
  phone_number: Type.Union([Type.String(), Type.Null()]),
  provider: Type.String(),
  last_login_at: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
});

export const OwnedCharacter = Type.Object({
  id: Type.String({ format: "uuid" }),
  code: Type.String(),
  name: Type.String(),
  type: Type.String(),
  dialog: Type.String(),
  acquired_at: Type.String({ format: "date-time" }),
});

const CharacterName = Type.String({ minLength: 1, maxLength: 60, pattern: "\\S" });
const removal = {
  summary: "A person left; what the rooms know of them is to be forgotten",
  version: 1,
  message: Type.Object({ user_id: UserId }),
};

export const users = contract("users", {
  actions: {
    profile: {
      summary: "The signed-in person's profile",
      rest: ["GET /user/me", "GET /users/me"],
      idempotent: true,
      cache: { ttlS: 60, of: "caller", forgetOn: ["users.changed"] },
      params: Type.Object({}),
      result: Profile,
      errors: ["USER_NOT_FOUND"],
    },
    update: {
      summary: "Changes what the signed-in person is called, or their phone number (null takes it away)",
      rest: ["PATCH /user/me", "PATCH /users/me"],
      params: Type.Object({
        nickname: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000, pattern: ONE_LINE })),
        phone_number: Type.Optional(
          Type.Union([Type.String({ minLength: 10, maxLength: 20, pattern: ONE_LINE }), Type.Null()]),
        ),
      }),
      result: Profile,
      errors: ["USER_NOT_FOUND", "NO_CHANGES_PROVIDED", "INVALID_NICKNAME", "INVALID_PHONE_NUMBER"],
    },
    remove: {
      summary: "Ends the account with all that the house knows of the person, and every session",
      rest: "DELETE /users/me",
      status: 204,
      params: Type.Object({}),
      result: Type.Null(),
      errors: ["USER_NOT_FOUND"],
    },
    removeWithWord: {
      summary: "The same, with a sentence for the person",
      rest: "DELETE /user/me",
      params: Type.Object({}),
      result: Type.Object({ message: Type.String() }),
      errors: ["USER_NOT_FOUND"],
    },
    ownership: {
      summary: "Whether the signed-in person owns a character",
      rest: ["GET /user/me/characters/:character_name/ownership", "GET /users/me/characters/:character_name/ownership"],
      idempotent: true,
      params: Type.Object({ character_name: CharacterName }),
      result: Type.Object({ character_name: Type.String(), owned: Type.Boolean() }),
      errors: ["USER_NOT_FOUND", "CHARACTER_NOT_FOUND"],
    },
    characters: {
      summary: "Characters the signed-in person owns, newest first, never empty",
      rest: ["GET /user/me/characters", "GET /users/me/characters"],
      idempotent: true,
      params: Type.Object({}),
      result: Type.Array(OwnedCharacter),
      errors: ["USER_NOT_FOUND"],
    },
    signIn: {
      summary: "Finds the account of a provider's identity or opens one, and notes the sign-in",
      // Providers know no limits of ours: names are cut to size here, not refused.
      params: Type.Object({
        provider: Type.String({ minLength: 1, maxLength: 32, pattern: ONE_LINE }),
        provider_user_id: Type.String({ minLength: 1, maxLength: 255, pattern: ONE_LINE }),
        nickname: Type.Optional(Type.String()),
        name: Type.Optional(Type.String()),
        email: Type.Optional(Type.String({ maxLength: 320, pattern: ONE_LINE })),
        email_verified: Type.Optional(
          Type.Boolean({ description: "the provider has seen that the address is theirs" }),
        ),
        phone_number: Type.Optional(Type.String({ maxLength: 40, pattern: ONE_LINE })),
        image: Type.Optional(Type.String({ maxLength: 2048, pattern: ONE_LINE })),
      }),
      result: Type.Object({ user_id: UserId, created: Type.Boolean() }),
    },
    exists: {
      summary: "Whether the account is still there",
      idempotent: true,
      params: Type.Object({ user_id: UserId }),
      result: Type.Boolean(),
    },
  },
  channels: { "users.removed": removal },
  consumes: { "users.removed": { of: removal, concurrency: 2, timeoutMs: 60_000 } },
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof users> {}
  interface Channels {
    "users.removed": Static<typeof removal.message>;
  }
  interface Events {
    /** What an account says of its person is another now, or it is gone. */
    "users.changed": { user_id: string };
  }
}

import Type from "typebox";
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
});

declare module "../../broker/contract.ts" {
  interface Actions extends ActionsOf<typeof users> {}
  interface Events {
    /** What an account says of its person is another now, or it is gone. */
    "users.changed": { user_id: string };
  }
}

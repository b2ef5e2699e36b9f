import Type from "typebox";
import { type ActionsOf, contract } from "../../broker/contract.ts";

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
    },
    signIn: {
      summary: "Finds the account of a provider's identity or opens one, and notes the sign-in",
      params: Type.Object({
        provider: Type.String({ minLength: 1, maxLength: 32 }),
        provider_user_id: Type.String({ minLength: 1, maxLength: 255 }),
        nickname: Type.Optional(Type.String({ maxLength: 120 })),
        name: Type.Optional(Type.String({ maxLength: 120 })),
        email: Type.Optional(Type.String({ maxLength: 320 })),
        image: Type.Optional(Type.String({ maxLength: 2048 })),
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
}

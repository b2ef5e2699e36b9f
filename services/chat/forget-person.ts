import type { Tx } from "../../mixins/database/database.ts";

/** Messages and turns go with their chats. */
export const forgetPerson = (db: Tx, userId: string): Promise<number> =>
  db.run("delete from chat.chats where user_id = $1", [userId]);

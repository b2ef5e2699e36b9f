import { createHash } from "node:crypto";

/** The chat of a session of the first API: any id that a client makes up, each person's own. */
export function sessionChatId(userId: string, sessionId: string): string {
  const hex = createHash("sha256").update(`eco2:chat:${userId}:${sessionId}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

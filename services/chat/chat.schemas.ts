import Type from "typebox";

const Id = Type.String({ format: "uuid" });
const At = Type.String({ format: "date-time" });
const Text = Type.String();
const nullable = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) => Type.Union([schema, Type.Null()]);

export const ImageUrl = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: "address of a picture uploaded through /images",
});

export const Location = Type.Object({
  latitude: Type.Number({ minimum: -90, maximum: 90 }),
  longitude: Type.Number({ minimum: -180, maximum: 180 }),
});

export const FoundIntent = Type.Object({ intent: Text, confidence: Type.Number({ minimum: 0, maximum: 1 }) });
export const ReplyItem = Type.Object({
  name: Text,
  major: Text,
  middle: Text,
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
});
export const Citation = Type.Object({
  id: Text,
  title: Text,
  major: Text,
  middle: Text,
  source: Text,
  url: nullable(Text),
});

/** What an answer is about and where it comes from; kept with the message. */
export const Metadata = Type.Object({
  intents: Type.Array(FoundIntent),
  items: Type.Array(ReplyItem),
  citations: Type.Array(Citation),
  engine: Text,
  knowledge: Text,
});

export const ChatSummary = Type.Object({
  id: Id,
  title: nullable(Text),
  preview: nullable(Text),
  message_count: Type.Integer({ minimum: 0 }),
  last_message_at: nullable(At),
  created_at: At,
});

const Message = Type.Object({
  id: Id,
  role: Type.Enum(["user", "assistant"], { type: "string" }),
  content: Text,
  image_url: nullable(Text),
  intent: nullable(Text),
  metadata: nullable(Metadata),
  created_at: At,
});

export const ChatDetail = Type.Object({
  id: Id,
  title: nullable(Text),
  messages: Type.Array(Message),
  has_more: Type.Boolean(),
  next_cursor: nullable(Text),
  created_at: At,
});

export const Count = Type.Object({ name: Text, turns: Type.Integer({ minimum: 0 }) });

import Type from "typebox";

/** A text or nothing. */
export const OrNull = Type.Union([Type.String(), Type.Null()]);
export const KnowledgeVersion = Type.String({
  description: "knowledge that the answer comes from: newest review day + content hash",
});

export const SourceEntry = Type.Object({
  title: Type.String(),
  number: OrNull,
  date: Type.String({ format: "date" }),
  url: OrNull,
  official: Type.Boolean(),
});
export const SourceOrNull = Type.Union([SourceEntry, Type.Null()], {
  description: "null: no official source states it",
});
export const Review = Type.Enum(["verified", "unverified"], {
  type: "string",
  description: "unverified: general guidance, to be checked with the municipality",
});

export const ItemEntry = Type.Object({
  id: Type.String(),
  name: Type.String(),
  category: Type.String({ description: "class of the first level" }),
  subcategory: Type.Union([Type.String(), Type.Null()], {
    description: "class of the second level, where there is one",
  }),
  disposal_method: Type.String({ description: "the steps as one text" }),
  steps: Type.Array(Type.String()),
  notes: Type.Array(Type.String(), { description: "what changes its class, and what differs by region" }),
  recyclable: Type.Boolean(),
  aliases: Type.Array(Type.String()),
  rule: Type.String({ description: "key of its rule" }),
  source: SourceEntry,
  review: Review,
  version: KnowledgeVersion,
});

export const FoundItem = Type.Object({
  ...ItemEntry.properties,
  score: Type.Number({ minimum: 0, maximum: 1 }),
  alias: Type.String({ description: "the name that was found" }),
  ask: Type.Union([Type.String(), Type.Null()], {
    description: "what to ask back where the word names several things",
  }),
});

export const WasteCategory = Type.Object({
  id: Type.String(),
  name: Type.String(),
  icon: Type.String({ description: "one emoji" }),
  item_count: Type.Integer({ minimum: 0 }),
});

/** Whom to ask in a municipality. */
export const Office = Type.Object({
  id: Type.String(),
  name: Type.String(),
  office: Type.String(),
  page: Type.Union([Type.String(), Type.Null()], { description: "its official site, where it is known for sure" }),
});

export const Fee = Type.Object({
  item: Type.String(),
  spec: OrNull,
  won: Type.Integer({ minimum: 0 }),
});

export const BulkGuide = Type.Object({
  steps: Type.Array(Type.String()),
  review: Review,
  source: SourceOrNull,
  fees: Type.Array(Fee, { description: "only those of an official list; empty where none is known" }),
});

export const RegionalRules = Type.Object({
  region: Type.String({ description: "full name of the municipality" }),
  ...Office.properties,
  within: Type.Union([Type.String(), Type.Null()], { description: "the region that it is a part of" }),
  rules: Type.Array(
    Type.Object({
      key: Type.String(),
      name: Type.String(),
      category: Type.String(),
      subcategory: OrNull,
      steps: Type.Array(Type.String()),
      why: Type.String(),
      differs: Type.Array(Type.Object({ note: Type.String(), since: OrNull, review: Review }), {
        description: "what holds in this region instead",
      }),
      source: SourceOrNull,
      reviewed: Type.String({ format: "date" }),
      review: Review,
    }),
  ),
  bulk: BulkGuide,
  version: KnowledgeVersion,
});

export const FaqEntry = Type.Object({
  id: Type.String(),
  question: Type.String(),
  answer: Type.String(),
  category: Type.String(),
  rule: Type.String(),
  version: KnowledgeVersion,
});

export const About = Type.Object({
  status: Type.Literal("ok"),
  service: Type.Literal("info"),
  version: KnowledgeVersion,
  items_indexed: Type.Integer({ minimum: 0 }),
  rules: Type.Integer({ minimum: 0 }),
  regions: Type.Integer({ minimum: 0 }),
  faq_entries: Type.Integer({ minimum: 0 }),
});

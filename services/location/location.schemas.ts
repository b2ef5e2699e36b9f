import Type from "typebox";

const Text = Type.String();
const nullable = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) => Type.Union([schema, Type.Null()]);
const Id = Type.Integer({ description: "negative: no site of ours" });

/** A site in a list; the app's fields, and whom the data is from. */
export const Site = Type.Object({
  id: Id,
  name: Text,
  source: Text,
  road_address: nullable(Text),
  latitude: nullable(Type.Number()),
  longitude: nullable(Type.Number()),
  distance_km: nullable(Type.Number({ minimum: 0 })),
  distance_text: nullable(Text),
  store_category: Text,
  pickup_categories: Type.Array(Text),
  is_holiday: nullable(Type.Boolean({ description: "closed today; null: not known" })),
  is_open: nullable(Type.Boolean()),
  start_time: nullable(Text),
  end_time: nullable(Text),
  phone: nullable(Text),
  place_url: nullable(Text),
  kakao_place_id: nullable(Text),
  collects: Type.Array(Text, { description: "what it takes, as far as its source says" }),
  attribution: Type.String({ description: "whom the data is from" }),
  sample: Type.Boolean({ description: "made up, for demonstration" }),
});

export const SiteDetail = Type.Object({
  id: Id,
  name: Text,
  source: Text,
  road_address: nullable(Text),
  lot_address: nullable(Text),
  latitude: nullable(Type.Number()),
  longitude: nullable(Type.Number()),
  store_category: Text,
  pickup_categories: Type.Array(Text),
  is_holiday: nullable(Type.Boolean()),
  is_open: nullable(Type.Boolean()),
  start_time: nullable(Text),
  end_time: nullable(Text),
  phone: nullable(Text),
  place_url: nullable(Text),
  kakao_place_id: nullable(Text),
  collection_items: nullable(Text),
  introduction: nullable(Text),
  collects: Type.Array(Text),
  attribution: Text,
  sample: Type.Boolean(),
});

export const Suggestion = Type.Object({
  place_name: Text,
  address: nullable(Text),
  latitude: Type.Number(),
  longitude: Type.Number(),
  place_url: nullable(Text),
});

export const Address = Type.Object({
  address: Text,
  latitude: Type.Number(),
  longitude: Type.Number(),
  attribution: Text,
});

export const Report = Type.Object({
  format: Text,
  encoding: Text,
  source: nullable(Text),
  rows: Type.Integer(),
  added: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  refused: Type.Integer(),
  quarantined: Type.Integer(),
  repaired: Type.Integer(),
  vanished: Type.Integer(),
  removed: Type.Integer(),
  faults: Type.Array(
    Type.Object({
      line: Type.Integer(),
      column: Text,
      reason: Text,
      then: Type.Enum(["refused", "quarantined", "repaired"], { type: "string" }),
    }),
  ),
});

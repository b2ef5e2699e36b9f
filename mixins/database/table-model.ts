import { type DataType, DataTypes, type Model, type ModelStatic } from "sequelize";
import type { Database } from "./database.ts";

interface Column {
  name: string;
  type: string;
  is_key: boolean;
}

/** PostgreSQL's names of the types that are not simply text to Sequelize. */
const TYPES: Record<string, DataType | undefined> = {
  uuid: DataTypes.UUID,
  int2: DataTypes.INTEGER,
  int4: DataTypes.INTEGER,
  int8: DataTypes.BIGINT,
  numeric: DataTypes.DECIMAL,
  float4: DataTypes.FLOAT,
  float8: DataTypes.DOUBLE,
  bool: DataTypes.BOOLEAN,
  timestamptz: DataTypes.DATE,
  date: DataTypes.DATEONLY,
  json: DataTypes.JSON,
  jsonb: DataTypes.JSONB,
  bytea: DataTypes.BLOB,
};
const typeOf = (name: string): DataType =>
  name.startsWith("_") ? DataTypes.ARRAY(typeOf(name.slice(1)) as never) : (TYPES[name] ?? DataTypes.TEXT);

/**
 * The Sequelize model of a table, read from the database itself: the migrations are the one place that says what it looks like.
 * @throws Error when there is no such table, or its primary key is not one column (moleculer-db knows rows by one id)
 */
export async function readTableModel(database: Database, schema: string, table: string): Promise<ModelStatic<Model>> {
  const columns = await database.rows<Column>(
    `select a.attname as name, t.typname as type, coalesce(a.attnum = any (i.indkey), false) as is_key
     from pg_attribute a join pg_type t on t.oid = a.atttypid
     left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = to_regclass(format('%I.%I', $1::text, $2::text)) and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [schema, table],
  );
  if (columns.length === 0) throw new Error(`There is no table ${schema}.${table}.`);
  if (columns.filter(column => column.is_key).length !== 1)
    throw new Error(`${schema}.${table} needs a primary key of one column to be served row by row.`);
  const attributes = columns.map(
    ({ name, type, is_key }) => [name, { type: typeOf(type), primaryKey: is_key }] as const,
  );
  return database.sequelize.define(`${schema}.${table}`, Object.fromEntries(attributes), {
    schema,
    tableName: table,
    timestamps: false,
  });
}

import type { Service, ServiceBroker } from "moleculer";
import SqlAdapter from "moleculer-db-adapter-sequelize";
import { DataTypes, type Model, type ModelStatic } from "sequelize";
import { fail } from "../../broker/errors.ts";
import type { Database } from "./database.ts";

/** What the stock adapter works with; its types leave it out. */
interface Inside {
  broker: ServiceBroker;
  service: Service & { settings: { idField?: string } };
  model: ModelStatic<Model>;
}
type Id = string | number;
/** Opens a handle of the database and reads the model of the table. */
export type OpenTable = (logger: Service["logger"]) => Promise<{ database: Database; model: ModelStatic<Model> }>;

const ID_FORMS = [
  { type: DataTypes.UUID, form: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, name: "a UUID" },
  { type: DataTypes.INTEGER, form: /^-?\d{1,9}$/, name: "an integer" },
  { type: DataTypes.BIGINT, form: /^-?\d{1,18}$/, name: "an integer" },
];

/**
 * moleculer-db's door to the one pool of the process. The stock adapter would open a pool of its own for every service (Moleculer
 * clones what it finds in a schema), create the table, close the pool that others use, look ids up in a column that must be
 * called `id`, hand malformed ones to the database, and drop unknown fields without a word.
 * Its methods know no transaction: anything with a promise in it goes through a store and a `Tx`.
 */
export class SharedSqlAdapter extends SqlAdapter {
  // No private fields: Moleculer may clone what a schema holds, and a clone has none.
  readonly open: OpenTable;
  database: Database | undefined;

  constructor(open: OpenTable) {
    super({});
    this.open = open;
  }

  override init(broker: ServiceBroker, service: Service): void {
    Object.assign(inside(this), { broker, service });
  }

  override async connect(): Promise<void> {
    const { database, model } = await this.open(inside(this).service.logger);
    this.database = database;
    inside(this).model = model;
    inside(this).service.settings.idField = model.primaryKeyAttribute;
  }

  /** Gives back this service's handle; the pool closes with the last one. */
  override async disconnect(): Promise<void> {
    await this.database?.close();
  }

  override findById(id: Id) {
    return super.findById(checkId(inside(this).model, id));
  }

  override findByIds(ids: Id[]): Promise<object[]> {
    const { model } = inside(this);
    return model.findAll({ where: { [model.primaryKeyAttribute]: ids.map(id => checkId(inside(this).model, id)) } });
  }

  override insert(row: object) {
    return super.insert(checkFields(inside(this).model, row));
  }

  override insertMany(rows: object[]) {
    return super.insertMany(rows.map(row => checkFields(inside(this).model, row)));
  }

  override updateById(id: Id, update: { $set: object }) {
    checkFields(inside(this).model, update.$set);
    return super.updateById(id, update);
  }
}

const inside = (adapter: SharedSqlAdapter): Inside => adapter as unknown as Inside;

function checkId(model: ModelStatic<Model>, id: Id): Id {
  const type = model.getAttributes()[model.primaryKeyAttribute]?.type;
  const expected = ID_FORMS.find(known => type instanceof known.type);
  if (expected && !expected.form.test(String(id)))
    throw fail("VALIDATION_FAILED", `${model.primaryKeyAttribute} is not ${expected.name}`);
  return id;
}

function checkFields(model: ModelStatic<Model>, row: object): object {
  const known = model.getAttributes();
  const unknown = Object.keys(row).find(field => !Object.hasOwn(known, field));
  if (unknown !== undefined) throw fail("VALIDATION_FAILED", `${model.name} has no column ${unknown}`);
  return row;
}

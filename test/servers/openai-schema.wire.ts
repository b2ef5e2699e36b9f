interface Schema {
  type?: unknown;
  properties?: Record<string, Schema>;
  required?: unknown;
  additionalProperties?: unknown;
  items?: Schema;
  enum?: unknown[];
  [keyword: string]: unknown;
}

/** Keywords that every provider's strict mode takes; OpenAI takes a few more, but compatible endpoints do not. */
const TAKEN = new Set(["type", "description", "properties", "required", "additionalProperties", "items", "enum"]);
const ENUM_VALUES = 1_000;
const ENUM_CHARACTERS = 15_000;

/** What strict structured output refuses about a format (`text.format`, or `json_schema` of chat completions); null when it is fine. */
export function formatFault(format: { name?: unknown; schema?: unknown; strict?: unknown } | undefined): string | null {
  if (typeof format?.name !== "string" || !/^[\w-]{1,64}$/.test(format.name))
    return "Invalid 'text.format.name': string does not match pattern.";
  if (format.strict !== true) return "strict is expected to be true";
  const schema = format.schema as Schema | undefined;
  if (schema?.type !== "object") return "schema must be a JSON Schema of 'type: \"object\"'";
  const faults: string[] = [];
  const values: unknown[] = [];
  inspect(schema, "", faults, values);
  if (values.length > ENUM_VALUES) faults.push("enum: too many values");
  if (values.length > 250 && values.join("").length > ENUM_CHARACTERS) faults.push("enum: too long");
  return faults[0] === undefined ? null : `Invalid schema for response_format '${format.name}': ${faults[0]}`;
}

function inspect(schema: Schema, path: string, faults: string[], values: unknown[]): void {
  for (const keyword of Object.keys(schema))
    if (!TAKEN.has(keyword)) faults.push(`In context=(${path}), '${keyword}' is not permitted.`);
  if (typeof schema.type !== "string") faults.push(`In context=(${path}), schema must have a 'type' key.`);
  if (schema.enum) values.push(...schema.enum);
  if (schema.type === "array") inspect(schema.items ?? {}, `${path}items`, faults, values);
  if (schema.type !== "object") return;
  const names = Object.keys(schema.properties ?? {});
  if (schema.additionalProperties !== false)
    faults.push(`In context=(${path}), 'additionalProperties' is required to be supplied and to be false.`);
  if (JSON.stringify(schema.required) !== JSON.stringify(names))
    faults.push(`In context=(${path}), 'required' is required to be supplied and to include every key in properties.`);
  for (const name of names) inspect(schema.properties?.[name] ?? {}, `${path}${name}.`, faults, values);
}

import type { Static, TSchema } from "typebox";
import { compileCheck } from "../../broker/validator.ts";

/** A form that a model has to answer in: what goes over the wire, and the check of what comes back. */
export interface StructuredOutput<T> {
  readonly name: string;
  readonly wire: Readonly<Record<string, unknown>>;
  /** Reads an answer. @returns the value, or what is wrong with it in a line that the model can be told */
  read(text: string): { value: T } | { faults: string };
}

/**
 * Makes the form of a TypeBox schema. The wire gets what every provider's strict mode knows (types, enums, descriptions, all fields
 * required, none added); lengths and ranges stay here, and the check enforces them.
 * @throws Error when the schema can't be said in strict mode
 */
export function structuredOutput<S extends TSchema>(name: string, schema: S): StructuredOutput<Static<S>> {
  const check = compileCheck(schema, "tolerant");
  return Object.freeze({
    name,
    wire: wireSchema(schema as Schema),
    read(text: string) {
      let value: unknown;
      try {
        value = JSON.parse(withoutFence(text));
      } catch {
        return { faults: "it is not JSON" };
      }
      const faults = check(value).map(fault => `${fault.field || "the answer"} ${fault.message}`);
      return faults.length === 0 ? { value: value as Static<S> } : { faults: faults.join("; ").slice(0, 1_000) };
    },
  });
}

interface Schema {
  type?: string;
  description?: string;
  enum?: readonly unknown[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
}

function wireSchema(schema: Schema): Record<string, unknown> {
  const described = schema.description === undefined ? {} : { description: schema.description };
  switch (schema.type) {
    case "object": {
      const properties = schema.properties ?? {};
      const optional = Object.keys(properties).filter(key => !schema.required?.includes(key));
      if (optional.length > 0) throw new Error(`strict mode has no optional fields: ${optional.join(", ")}`);
      return {
        type: "object",
        ...described,
        properties: Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, wireSchema(part)])),
        required: Object.keys(properties),
        additionalProperties: false,
      };
    }
    case "array":
      return { type: "array", ...described, items: wireSchema(schema.items ?? {}) };
    case "string":
    case "number":
    case "integer":
    case "boolean":
      return { type: schema.type, ...described, ...(schema.enum ? { enum: [...schema.enum] } : {}) };
    default:
      throw new Error(`strict mode is not given ${schema.type ?? "a schema without a type"}`);
  }
}

/** Endpoints that do not enforce the form like to wrap JSON in a Markdown fence. */
const withoutFence = (text: string) => text.trim().replace(/^```(?:json)?\s*([\s\S]*?)\s*```$/, "$1");

import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { Validators } from "moleculer";
import type { TSchema } from "typebox";
import { fail, type FieldFault } from "./errors.ts";

const options = { allErrors: true, useDefaults: true, strict: false, ownProperties: true } as const;
/** The formats of JSON Schema, as the checks of every contract know them. */
function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv, ["uuid", "date-time", "uri", "email"]);
  return ajv;
}

/** Broker calls and messages: exact types, unknown fields dropped, so that rooms of different versions can talk. */
const tolerant = withFormats(new Ajv({ ...options, removeAdditional: "all" }));
/** Request bodies: exact types, unknown fields are faults. */
const strict = withFormats(new Ajv(options));
/** Path, query and headers arrive as text: numbers and booleans are read from it, unknown names dropped. */
const coercing = withFormats(new Ajv({ ...options, coerceTypes: true, removeAdditional: "all" }));

const engines = { tolerant, strict, coercing };

/** A compiled check. It fills defaults in and (tolerant, coercing) drops unknown fields, in place. */
export type Check = (value: unknown) => FieldFault[];

/**
 * A schema's check: one row a fault, none when the value fits. It is compiled at its first use, since all of them together would
 * take a good part of a start.
 */
export function compileCheck(schema: TSchema, how: keyof typeof engines, place: FieldFault["in"] = "params"): Check {
  let compiled: ValidateFunction | undefined;
  return value => {
    const validate = (compiled ??= engines[how].compile(schema));
    return validate(value) ? [] : (validate.errors ?? []).map(error => describe(error, place));
  };
}

function describe(error: ErrorObject, place: FieldFault["in"]): FieldFault {
  const params = error.params as { missingProperty?: string; additionalProperty?: string; allowedValues?: unknown[] };
  const own = params.missingProperty ?? params.additionalProperty;
  const path = error.instancePath.split("/").slice(1);
  const field = [...path, ...(own === undefined ? [] : [own])].join(".");
  const allowed = params.allowedValues ? `: ${params.allowedValues.map(String).join(", ")}` : "";
  const message =
    params.additionalProperty === undefined ? `${error.message ?? "is not valid"}${allowed}` : "is not a known field";
  return { in: place, field, message };
}

/** Throws VALIDATION_FAILED with every fault named. */
export function assertValid(faults: FieldFault[]): void {
  if (faults.length === 0) return;
  const [first] = faults;
  throw fail("VALIDATION_FAILED", first && `${first.field || first.in} ${first.message}`, { errors: faults });
}

/** Action parameters are JSON Schema (TypeBox); fastest-validator still serves Moleculer's own and moleculer-db's actions. */
export class SchemaValidator extends Validators.Fastest {
  override compile(schema: Record<string, unknown>): ReturnType<Validators.Fastest["compile"]> {
    if (schema["type"] !== "object" || schema["properties"] === undefined) {
      let compiled: ReturnType<Validators.Fastest["compile"]> | undefined;
      return (params: unknown, options: unknown) =>
        (compiled ??= super.compile(schema))(params as never, options as never);
    }
    const check = compileCheck(schema, "tolerant");
    return (params: unknown) => {
      assertValid(check(params));
      return true;
    };
  }
}

import type { IncomingHttpHeaders } from "node:http";
import type { TSchema } from "typebox";
import { type ActionContract, placeOf, type Route } from "../../broker/contract.ts";
import type { FieldFault } from "../../broker/errors.ts";
import { assertValid, type Check, compileCheck } from "../../broker/validator.ts";
import { isCleanText } from "./find-unclean.ts";
import { readCookies } from "./read-cookies.ts";

type Place = ReturnType<typeof placeOf>["in"];

/** The parts of a request that parameters come from. */
export interface ParamSource {
  path: Readonly<Record<string, string>>;
  query: readonly (readonly [string, string])[];
  headers: IncomingHttpHeaders;
  /** Parsed JSON; only looked at where the route takes a body. */
  body: unknown;
}

export interface ParamReader {
  /** Whether any parameter comes from the body. */
  readonly takesBody: boolean;
  /**
   * Gathers the parameters, each from its own place, and checks them there.
   * Numbers and booleans are read from text everywhere but in the body; unknown body fields are faults, other unknown names are ignored.
   * @throws VALIDATION_FAILED with every fault
   */
  read(source: ParamSource): Record<string, unknown>;
}

/** One parameter: its name in the action and its name out there. */
interface Slot {
  key: string;
  name: string;
  schema: TSchema;
}

/** Compiles how the parameters of a route are read. A body of an action of kind `raw` is passed on as a stream, never parsed. */
export function compileParams(route: Route, action: ActionContract): ParamReader {
  const slots = new Map<Place, Slot[]>();
  for (const [key, schema] of Object.entries(action.params.properties as Record<string, TSchema>)) {
    const { in: place, name } = placeOf(route, key, schema);
    slots.set(place, [...(slots.get(place) ?? []), { key, name, schema }]);
  }
  const [method = ""] = route.split(" ", 1);
  const parsesBody = action.kind !== "raw" && !["GET", "DELETE"].includes(method);
  if (parsesBody && !slots.has("body")) slots.set("body", []);
  if (!parsesBody && slots.has("body")) throw new Error(`${route} has no body to take parameters from`);
  const required = new Set((action.params as { required?: string[] }).required);
  const readers = [...slots].map(([place, of]) => ({ place, of, check: checkFor(place, of, required) }));
  return {
    takesBody: parsesBody,
    read(source) {
      const params: Record<string, unknown> = {};
      const faults = readers.flatMap(({ place, of, check }) => readPlace(place, of, check, source, params));
      assertValid(faults);
      return params;
    },
  };
}

function checkFor(place: Place, slots: readonly Slot[], required: ReadonlySet<string>): Check {
  const schema = {
    type: "object",
    properties: Object.fromEntries(slots.map(({ name, schema }) => [name, place === "body" ? closed(schema) : schema])),
    required: slots.filter(({ key }) => required.has(key)).map(({ name }) => name),
    ...(place === "body" ? { additionalProperties: false } : {}),
  };
  return compileCheck(schema, place === "body" ? "strict" : "coercing", place);
}

/** The same schema with every object in it closed to unknown fields. */
function closed<S extends TSchema>(schema: S): S {
  if (Array.isArray(schema)) return schema.map(part => closed(part as TSchema)) as unknown as S;
  if (typeof schema !== "object") return schema;
  const inner = Object.entries(schema).map(([key, part]: [string, unknown]) => {
    if (key === "properties")
      return [key, Object.fromEntries(Object.entries(part as Record<string, TSchema>).map(([k, s]) => [k, closed(s)]))];
    return ["items", "anyOf", "oneOf", "prefixItems"].includes(key) ? [key, closed(part as TSchema)] : [key, part];
  });
  const open = "properties" in schema && !("additionalProperties" in schema);
  return { ...Object.fromEntries(inner), ...(open ? { additionalProperties: false } : {}) } as S;
}

function readPlace(
  place: Place,
  slots: readonly Slot[],
  check: Check,
  source: ParamSource,
  params: Record<string, unknown>,
): FieldFault[] {
  const { given, faults: unreadable } =
    place === "body" ? { given: source.body, faults: [] } : pick(place, slots, source);
  const known = new Set(unreadable.map(({ field }) => field));
  const faults = [...unreadable, ...check(given).filter(({ field }) => !known.has(field))];
  if (faults.length > 0) return faults;
  for (const { key, name } of slots) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined) params[key] = value;
  }
  return faults;
}

/** The declared names that were given in a place, as text. */
function pick(place: Exclude<Place, "body">, slots: readonly Slot[], source: ParamSource) {
  const given: Record<string, string> = {};
  const faults: FieldFault[] = [];
  const cookies = place === "cookie" ? readCookies(source.headers.cookie) : undefined;
  for (const { name } of slots) {
    const values =
      place === "path"
        ? [source.path[name]]
        : place === "query"
          ? source.query.filter(([key]) => key === name).map(([, value]) => value)
          : [place === "cookie" ? cookies?.get(name) : textOf(source.headers[name])];
    const [value] = values;
    if (values.length > 1) faults.push({ in: place, field: name, message: "is given more than once" });
    else if (value !== undefined && !isCleanText(value))
      faults.push({ in: place, field: name, message: "holds characters that are not text" });
    else if (value !== undefined) given[name] = value;
  }
  return { given, faults };
}

const textOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(", ") : value;

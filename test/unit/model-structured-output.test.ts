import { describe, expect, it } from "@jest/globals";
import Type from "typebox";
import { structuredOutput } from "../../mixins/model/structured-output.ts";
import { formatFault } from "../servers/openai-schema.wire.ts";

const Thing = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 20, description: "its name" }),
  kind: Type.Enum(["can", "bottle"], { type: "string" }),
  parts: Type.Array(Type.Object({ share: Type.Number({ minimum: 0, maximum: 1 }) }), { maxItems: 2 }),
});
const output = structuredOutput("thing", Thing);

describe("a structured output", () => {
  it("goes over the wire as strict mode wants it", () => {
    expect(formatFault({ name: output.name, schema: output.wire, strict: true })).toBeNull();
    expect(output.wire).toEqual({
      type: "object",
      properties: {
        name: { type: "string", description: "its name" },
        kind: { type: "string", enum: ["can", "bottle"] },
        parts: {
          type: "array",
          items: {
            type: "object",
            properties: { share: { type: "number" } },
            required: ["share"],
            additionalProperties: false,
          },
        },
      },
      required: ["name", "kind", "parts"],
      additionalProperties: false,
    });
  });

  it("checks on the way back what the wire could not say", () => {
    expect(output.read('{"name":"","kind":"can","parts":[{"share":2}]}')).toEqual({
      faults: "name must NOT have fewer than 1 characters; parts.0.share must be <= 1",
    });
    expect(output.read('{"name":"캔","kind":"box","parts":[]}')).toEqual({
      faults: "kind must be equal to one of the allowed values: can, bottle",
    });
    expect(output.read("[]")).toEqual({ faults: "the answer must be object" });
    expect(output.read("{")).toEqual({ faults: "it is not JSON" });
  });

  it("takes what fits, without a prototype or fields that were smuggled in", () => {
    const read = output.read('{"name":"캔","kind":"can","parts":[],"__proto__":{"admin":true},"extra":1}');
    expect(read).toEqual({ value: { name: "캔", kind: "can", parts: [] } });
    expect("value" in read && "admin" in read.value).toBe(false);
  });

  it("tells the faults in a bounded line", () => {
    const long = structuredOutput(
      "long",
      Type.Object({
        of: Type.Enum(
          Array.from({ length: 900 }, (_, at) => `v${at}`),
          { type: "string" },
        ),
      }),
    );
    const read = long.read('{"of":"w"}');
    expect("faults" in read && read.faults.length).toBeLessThanOrEqual(1_000);
  });

  it("can't be made of a schema that strict mode has no words for", () => {
    expect(() => structuredOutput("a", Type.Object({ a: Type.Optional(Type.String()) }))).toThrow("optional fields: a");
    expect(() => structuredOutput("b", Type.Object({ b: Type.Union([Type.String(), Type.Null()]) }))).toThrow(
      "strict mode",
    );
  });
});

import { describe, expect, it } from "@jest/globals";
import { BatchCutter, greeting } from "../../mixins/database/embedded.protocol.ts";

const message = (type: string, body = "") => {
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
};
const startup = Buffer.from([0, 0, 0, 9, 0, 3, 0, 0, 0]);
const extended = Buffer.concat([
  message("P", "select $1"),
  message("B", "S Q X\0"),
  message("D"),
  message("E"),
  message("S"),
]);
const simple = message("Q", "select 'S'");
const conversation = Buffer.concat([startup, extended, simple, message("P", "x"), message("S"), message("X")]);
const batches = ["startup", extended, simple, Buffer.concat([message("P", "x"), message("S")]), "terminate"];

const cutInto = (sizes: () => number) => {
  const cutter = new BatchCutter();
  const found: (string | Buffer)[] = [];
  for (let at = 0, size = 0; at < conversation.length; at += size) {
    size = sizes();
    found.push(
      ...cutter
        .cut(conversation.subarray(at, at + size))
        .map(batch => (typeof batch === "string" ? batch : Buffer.from(batch))),
    );
  }
  return found;
};

describe("cutting a connection's bytes into batches", () => {
  it("gives a batch up to each Sync or simple Query, however the bytes arrive", () => {
    expect(cutInto(() => conversation.length)).toEqual(batches);
    for (const size of [1, 2, 3, 5, 7, 11, 64]) expect(cutInto(() => size)).toEqual(batches);
  });

  it("gives each batch a buffer of its own, since it is moved to another thread", () => {
    const [, first, second] = new BatchCutter().cut(conversation);
    expect((first as Uint8Array).buffer.byteLength).toBe(extended.length);
    expect((second as Uint8Array).buffer).not.toBe((first as Uint8Array).buffer);
  });
});

describe("the greeting", () => {
  it("lets the client in, names a server that Sequelize accepts, and is ready for a query", () => {
    const text = greeting().toString("latin1");
    expect(text.startsWith("R\0\0\0\b\0\0\0\0")).toBe(true);
    expect(text).toContain("server_version\0");
    expect(text).toContain("standard_conforming_strings\0on\0");
    expect(text.endsWith("Z\0\0\0\x05I")).toBe(true);
  });
});

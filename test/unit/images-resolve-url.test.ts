import { describe, expect, it } from "@jest/globals";
import { isSignature, signRead, signUpload } from "../../mixins/objects/sign-address.ts";
import { type Places, readUrl, resolveImageUrl, uploadUrl } from "../../services/images/resolve-image-url.ts";

const secret = "s".repeat(43);
const key = `scan/${"0123456789abcdef".repeat(2)}.jpg`;
const house: Places = { bases: ["http://127.0.0.1:3000"], cdnBase: undefined, secret };
const cloud: Places = { bases: ["https://api.eco2.example"], cdnBase: "https://images.eco2.example", secret };
const own = readUrl(house, key);
const signature = signRead(secret, key);

describe("our own read addresses", () => {
  it("lead back to their key", () => {
    expect(own).toBe(`http://127.0.0.1:3000/api/v1/images/files/${key}?signature=${signature}`);
    expect(resolveImageUrl(own, house)).toBe(key);
    expect(readUrl(cloud, key)).toBe(`https://images.eco2.example/${key}`);
    expect(resolveImageUrl(readUrl(cloud, key), cloud)).toBe(key);
  });

  it("stay good when a CDN is put in front later, and under each base of ours", () => {
    const before = readUrl({ ...cloud, cdnBase: undefined }, key);
    expect(resolveImageUrl(before, cloud)).toBe(key);
    expect(resolveImageUrl(own, { ...house, bases: ["https://eco2.example", "http://127.0.0.1:3000"] })).toBe(key);
  });

  it("do not fit another house's secret or base", () => {
    expect(resolveImageUrl(own, { ...house, secret: "t".repeat(43) })).toBeUndefined();
    expect(resolveImageUrl(own, cloud)).toBeUndefined();
    expect(resolveImageUrl(readUrl(cloud, key), house)).toBeUndefined();
  });
});

describe("every other address is not ours", () => {
  const path = `/api/v1/images/files/${key}?signature=${signature}`;
  it.each([
    ["another name of this machine", `http://localhost:3000${path}`],
    ["decimal host", `http://2130706433:3000${path}`],
    ["hex host", `http://0x7f000001:3000${path}`],
    ["octal host", `http://0177.0.0.1:3000${path}`],
    ["short host", `http://127.1:3000${path}`],
    ["IPv6", `http://[::1]:3000${path}`],
    ["IPv4 in IPv6", `http://[::ffff:127.0.0.1]:3000${path}`],
    ["metadata service", "http://169.254.169.254/latest/meta-data/"],
    ["metadata service with our path", `http://169.254.169.254${path}`],
    ["user info", `http://127.0.0.1:3000@evil.example${path}`],
    ["user info before our host", `http://user@127.0.0.1:3000${path}`],
    ["our host as a prefix", `http://127.0.0.1:3000.evil.example${path}`],
    ["another port", `http://127.0.0.1:3001${path}`],
    ["a longer port", `http://127.0.0.1:30001${path}`],
    ["no port", `http://127.0.0.1${path}`],
    ["another scheme", `https://127.0.0.1:3000${path}`],
    ["upper-case scheme", `HTTP://127.0.0.1:3000${path}`],
    ["no scheme", `//127.0.0.1:3000${path}`],
    ["path alone", path],
    ["trailing dot in the host", `http://127.0.0.1.:3000${path}`],
    ["backslashes", `http:\\\\127.0.0.1:3000${path}`],
    ["backslash before the path", `http://127.0.0.1:3000\\${path}`],
    ["encoded slash", own.replace("scan/", "scan%2f")],
    ["double slash", own.replace("/images/", "//images/")],
    ["dot segments", own.replace("/files/", "/files/../files/")],
    ["another path of ours", `http://127.0.0.1:3000/api/v1/users/me?signature=${signature}`],
    ["upload address", uploadUrl(house, key, 2_000_000_000)],
    ["upper-case key", own.replace("abcdef", "ABCDEF")],
    ["another key", own.replace("0123", "0124")],
    ["another channel", own.replace("/scan/", "/chat/")],
    ["unknown channel", own.replace("/scan/", "/etc/")],
    ["no signature", own.split("?")[0] ?? ""],
    ["empty signature", own.replace(signature, "")],
    ["forged signature", own.replace(signature, `${signature.slice(0, -2)}${signature.endsWith("AA") ? "BB" : "AA"}`)],
    ["more in the query", `${own}&x=1`],
    ["another query first", own.replace("?", "?x=1&")],
    ["fragment", `${own}#x`],
    ["fragment as disguise", `http://evil.example/#${own}`],
    ["query as disguise", `http://evil.example/?${own}`],
    ["space in front", ` ${own}`],
    ["line feed at the end", `${own}\n`],
    ["NUL at the end", `${own}\0`],
    ["tab inside", own.replace("http:", "ht\ttp:")],
    ["full-width host", own.replace("127", "１２７")],
    ["file", "file:///etc/passwd"],
    ["data", "data:image/png;base64,AAAA"],
    ["javascript", "javascript:alert(1)"],
    ["empty", ""],
    ["very long", own + "a".repeat(10_000)],
  ])("%s", (_name, text) => {
    expect(resolveImageUrl(text, house)).toBeUndefined();
  });

  it.each([
    ["another folder of the CDN", `https://images.eco2.example/private/${key}`],
    ["the CDN's name as a prefix", `https://images.eco2.example.evil/${key}`],
    ["another port of the CDN", `https://images.eco2.example:8443/${key}`],
    ["a query", `https://images.eco2.example/${key}?x`],
    ["dot segments", `https://images.eco2.example/scan/../${key}`],
    ["an encoded slash", `https://images.eco2.example/${key.replace("/", "%2F")}`],
    ["upper case", `https://IMAGES.eco2.example/${key}`],
  ])("CDN: %s", (_name, text) => {
    expect(resolveImageUrl(text, cloud)).toBeUndefined();
  });
});

describe("signatures", () => {
  it("differ by purpose, key, time and secret", () => {
    const made = [
      signRead(secret, key),
      signUpload(secret, key, 1),
      signUpload(secret, key, 2),
      signUpload(secret, key.replace("scan", "chat"), 1),
      signUpload(`${secret}x`, key, 1),
    ];
    expect(new Set(made).size).toBe(made.length);
    expect(made.every(each => /^[\w-]{43}$/.test(each))).toBe(true);
  });

  it("are the same text or not at all", () => {
    expect(isSignature(signature, signature)).toBe(true);
    for (const other of ["", signature.slice(1), `${signature}A`, signature.toLowerCase(), "é".repeat(43)])
      expect(isSignature(other, signature)).toBe(false);
  });
});

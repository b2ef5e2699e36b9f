import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { readEnv, Settings } from "../../broker/env.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
  type: "pkcs8",
  format: "pem",
});

/** Settings that production accepts. */
const production = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://eco2@db.internal/eco2",
  AUTH_PRIVATE_KEY: privateKey.toString(),
  IMAGE_SIGNING_SECRET: "kD83hfPq0zLmW7xYvB2nRtUcE5sGjA9o",
  PUBLIC_URL: "https://api.eco2.example",
  ALLOWED_ORIGINS: "https://eco2.example,https://www.eco2.example",
  FRONTEND_URL: "https://eco2.example",
};

describe("the settings", () => {
  it("need nothing to be set", () => {
    const { env, faults } = readEnv({});
    expect(faults).toEqual([]);
    expect(env).toMatchObject({
      PORT: 3000,
      HOST: "127.0.0.1",
      DATA_DIR: "data",
      NODE_ENV: "development",
      PRODUCTION: false,
    });
    expect(env?.SERVICES).toBeUndefined();
    expect(env?.DATABASE_URL).toBeUndefined();
  });

  it("count an empty value as unset, as compose files and .env leave them", () => {
    expect(readEnv({ DATABASE_URL: "", PORT: "", SERVICES: "" }).env).toMatchObject({ PORT: 3000 });
  });

  it("read numbers, switches and lists from text", () => {
    const { env } = readEnv({
      PORT: "0",
      COOKIE_SECURE: "false",
      SERVICES: "auth,users",
      ALLOWED_ORIGINS: "https://a.kr,http://b.kr:81",
    });
    expect(env).toMatchObject({
      PORT: 0,
      COOKIE_SECURE: false,
      SERVICES: ["auth", "users"],
      ALLOWED_ORIGINS: ["https://a.kr", "http://b.kr:81"],
    });
  });

  it("leave what is not theirs alone", () => {
    expect(readEnv({ PATH: "/bin", ECO2_TYPO: "x" }).faults).toEqual([]);
  });

  it("cannot be changed afterwards", () => {
    expect(Object.isFrozen(readEnv({}).env)).toBe(true);
  });

  it("report every fault at once, each with its name", () => {
    const { env, faults } = readEnv({
      PORT: "70000",
      LOG_LEVEL: "loud",
      DATABASE_URL: "not an address",
      SERVICES: "auth users",
    });
    expect(env).toBeUndefined();
    expect(faults.map(fault => fault.split(":")[0]).sort()).toEqual(["DATABASE_URL", "LOG_LEVEL", "PORT", "SERVICES"]);
    expect(faults.find(fault => fault.startsWith("LOG_LEVEL"))).toContain("trace, debug, info");
  });

  it.each([
    ["PORT", "-1"],
    ["PORT", "http"],
    ["PORT", "3000.5"],
    ["BODY_LIMIT_KB", "0"],
    ["COOKIE_SECURE", "maybe"],
    ["ALLOWED_ORIGINS", "*"],
    ["ALLOWED_ORIGINS", "https://*.eco2.example"],
    ["ALLOWED_ORIGINS", "https://eco2.example/app"],
    ["ALLOWED_ORIGINS", "ftp://eco2.example"],
    ["FRONTEND_URL", "eco2"],
    ["FRONTEND_URL", "javascript:alert(1)"],
    ["PUBLIC_URL", "ftp://eco2.example"],
    ["DATABASE_URL", "mysql://eco2@db.internal/eco2"],
    ["IMAGE_SIGNING_SECRET", "short"],
    ["SERVICES", "auth,,users"],
    ["COOKIE_DOMAIN", "eco2.example; Path=/"],
  ])("refuse %s=%s", (name, value) => {
    const { faults } = readEnv({ [name]: value });
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatch(new RegExp(`^${name}: `));
  });

  it("never repeat a value, which may be a secret", () => {
    const { faults } = readEnv({ IMAGE_SIGNING_SECRET: "hunter2hunter2", OPENAI_API_KEY: "sk-abc", PORT: "99999" });
    expect(faults).toHaveLength(3);
    for (const value of ["hunter2", "sk-abc", "99999"]) expect(faults.join("\n")).not.toContain(value);
  });

  it("want both halves of the store's key or none", () => {
    expect(readEnv({ S3_ACCESS_KEY_ID: "AKIA" }).faults).toHaveLength(1);
    expect(readEnv({ S3_SECRET_ACCESS_KEY: "wJalrXUtnFEMI" }).faults).toHaveLength(1);
    expect(readEnv({ S3_ACCESS_KEY_ID: "AKIA", S3_SECRET_ACCESS_KEY: "wJalrXUtnFEMI" }).faults).toEqual([]);
  });

  it.each(Object.entries(Settings.properties as Record<string, { description?: string }>))(
    "say of %s what it is, for the README's table",
    (_name, setting) => expect(setting.description).toMatch(/\S+ \S+|\S{4,}/),
  );
});

describe("production", () => {
  it("takes proper settings", () => {
    expect(readEnv(production)).toMatchObject({ faults: [], env: { PRODUCTION: true } });
  });

  it("names everything that is missing at once", () => {
    const { faults } = readEnv({ NODE_ENV: "production" });
    const named = faults.map(fault => fault.split(":")[0]);
    for (const name of [
      "DATABASE_URL",
      "AUTH_PRIVATE_KEY",
      "IMAGE_SIGNING_SECRET",
      "PUBLIC_URL",
      "ALLOWED_ORIGINS",
      "FRONTEND_URL",
    ])
      expect(named).toContain(name);
  });

  it.each([
    ["IMAGE_SIGNING_SECRET", "change-me-change-me-change-me-change-me"],
    ["IMAGE_SIGNING_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    ["IMAGE_SIGNING_SECRET", "abababababababababababababababababab"],
    ["PUBLIC_URL", "http://api.eco2.example"],
    ["COOKIE_SECURE", "false"],
    ["ALLOWED_ORIGINS", "https://eco2.example,http://localhost:5173"],
    ["ALLOWED_ORIGINS", "http://eco2.example"],
    ["FRONTEND_URL", "http://localhost:5173"],
    ["LOG_LEVEL", "debug"],
    ["DATABASE_URL", ""],
  ])("refuses the development setting %s=%s", (name, value) => {
    const { env, faults } = readEnv({ ...production, [name]: value });
    expect(env).toBeUndefined();
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });
});

describe("production with a faulty setting", () => {
  it("names what production lacks all the same, and each setting once", () => {
    const { faults } = readEnv({ ...production, PUBLIC_URL: "", PORT: "http", IMAGE_SIGNING_SECRET: "aaaa" });
    expect(faults.map(fault => fault.split(":")[0]).sort()).toEqual(["IMAGE_SIGNING_SECRET", "PORT", "PUBLIC_URL"]);
  });
});

describe("a process with faulty settings", () => {
  it("lists them and exits with 78 before it has done anything", () => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", 'await import("./broker/env.ts"); console.log("went on")'],
      {
        cwd: root,
        encoding: "utf8",
        env: { PORT: "x", HOST: "127.0.0.1", LOG_FORMAT: "yaml" },
      },
    );
    expect({ status, stdout }).toEqual({ status: 78, stdout: "" });
    expect(stderr).toMatch(
      /^Eco² cannot start with these settings:\n {2}LOG_FORMAT: .*\n {2}PORT: .*\n$|^Eco² cannot start with these settings:\n {2}PORT: .*\n {2}LOG_FORMAT: .*\n$/,
    );
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Settings } from "../../broker/env.ts";
import { type Container, nameOf, podTemplateOf } from "./objects.ts";
import { valueAt } from "./others-pods.ts";
import type { Deployed } from "./render.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface HouseContainer {
  /** `Deployment auth/auth-api` */
  by: string;
  object: Deployed;
  container: Container;
  rooms: string[];
  /** Its whole environment; of a Secret, a value of the form that its template gives. */
  env: Record<string, string>;
}

/** Every container that runs the house itself (`scripts/house.ts`), with all that its environment will hold. */
export function houseContainers(objects: readonly Deployed[]): HouseContainer[] {
  return objects.flatMap(object => {
    const containers = podTemplateOf(object)?.spec.containers ?? [];
    return containers
      .filter(({ args = [] }) => args.includes("scripts/house.ts"))
      .map(container => {
        const env = environmentOf(objects, object, container);
        return { by: nameOf(object), object, container, rooms: env["SERVICES"]?.split(",") ?? [], env };
      });
  });
}

function environmentOf(
  objects: readonly Deployed[],
  { metadata }: Deployed,
  { env = [], envFrom = [] }: Container,
): Record<string, string> {
  const find = (kind: string, name: string) =>
    objects.find(
      each => each.kind === kind && each.metadata.namespace === metadata.namespace && each.metadata.name === name,
    );
  const all: Record<string, string> = {};
  for (const { configMapRef, secretRef } of envFrom) {
    if (configMapRef) Object.assign(all, find("ConfigMap", configMapRef.name)?.data);
    if (secretRef) Object.assign(all, secretValues(find("ExternalSecret", secretRef.name)));
  }
  for (const { name, value } of env) all[name] = value ?? "from-the-pod";
  return all;
}

/** A password as Terraform makes them, special characters and all. */
const PASSWORD = encodeURIComponent("aB3!@#$%^&*()-_=+[]{}xY9qWzT4kLm");
const PEM = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(8)}\n-----END PRIVATE KEY-----`;

function secretValues(secret: Deployed | undefined): Record<string, string> {
  const template = (valueAt(secret, "spec.target.template.data") ?? {}) as Record<string, string>;
  const fill = (name: string, text: string) =>
    text.replaceAll(/\{\{[^}]*\}\}/g, name === "AUTH_PRIVATE_KEY" ? PEM : PASSWORD);
  return Object.fromEntries(Object.entries(template).map(([name, text]) => [name, fill(name, text)]));
}

/** The rooms of the house: folders of services/ that have a service in them. */
export const allRooms = (): string[] =>
  readdirSync(`${root}services`, { recursive: true, encoding: "utf8" })
    .filter(file => file.endsWith(".service.ts"))
    .map(file => dirname(file))
    .sort();

const IMPORT = /(?:from|import|new URL\()\s*\(?"(\.[^"]+\.ts)"/g;
const known = Object.keys(Settings.properties);

/** Names of settings that stand in a room's code and in everything it imports; of the models' table, what it names. */
export function settingsReadBy(room: string): Set<string> {
  const seen = new Set<string>();
  const names = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file) || file.endsWith("/broker/env.ts")) return;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    for (const [name] of text.matchAll(/\b[A-Z][A-Z0-9_]+\b/g)) if (known.includes(name)) names.add(name);
    for (const [, path = ""] of text.matchAll(IMPORT)) visit(resolve(dirname(file), path));
    if (text.includes("models.yaml")) visit(`${root}prompts/models.yaml`);
  };
  visit(`${root}services/${room}/${room}.service.ts`);
  visit(`${root}moleculer.config.ts`);
  return names;
}

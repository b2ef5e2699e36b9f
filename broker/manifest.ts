import { readFileSync } from "node:fs";

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
}

/** What package.json says of the house. */
export const manifest = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as Readonly<Manifest>;

import { styleText } from "node:util";
import type { Env } from "../broker/env.ts";

/** What a person sees when the house stands: where it is, what it runs on, and what to try next. */
export function greeting(url: string, env: Env): string {
  const label = (name: string) => styleText("dim", name.padEnd(9));
  const providers = [
    ...(env.OPENAI_API_KEY === undefined ? [] : [env.OPENAI_BASE_URL ?? "OpenAI"]),
    ...(env.GEMINI_API_KEY === undefined ? [] : [env.GEMINI_BASE_URL ?? "Gemini"]),
  ];
  const engine = providers.join(", ") || "on this computer, no key needed";
  const store = env.DATABASE_URL === undefined ? `embedded, in ${env.DATA_DIR}/` : "PostgreSQL";
  // A command finds this house by its folder.
  const prefix = env.DATA_DIR === "data" ? "" : `DATA_DIR=${env.DATA_DIR} `;
  return `
  ${styleText(["bold", "green"], "Eco²")} is up at ${styleText("bold", url)}

  ${label("docs")}${url}/api/v1/scan/docs
  ${label("models")}${engine}
  ${label("data")}${store}

  Try it in another terminal:
    ${prefix}npm run ask -- "깨진 컵은 어떻게 버려요?"
    ${prefix}npm run scan -- photo.jpg
  Ctrl-C stops it.

`;
}

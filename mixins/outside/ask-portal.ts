import { type Asked, askForText, type AskOptions, gaveNothing, type Trouble } from "./ask-outside.ts";
import { fieldsOf, textOf } from "./read-fields.ts";

/** Result codes of the public data portal (data.go.kr), as its guides list them; every other code is a failure of theirs. */
const CODES: Readonly<Record<string, Trouble>> = {
  "03": "no_data",
  "20": "refused",
  "22": "rate_limited",
  "30": "refused",
  "31": "refused",
  "32": "refused",
};
const FINE = ["0", "00", "000"];

/**
 * Asks an API of the public data portal. It says with 200 that it failed, and in XML even where JSON was asked for; both are read here.
 * @param address with the parameters of the API; the key goes in here
 */
export async function askPortal(
  address: URL,
  key: string,
  options: AskOptions,
): Promise<Asked<Readonly<Record<string, unknown>>>> {
  const withKey = new URL(address);
  withKey.searchParams.set("serviceKey", key);
  const asked = await askForText(withKey, options);
  if (!asked.ok) return asked;
  const text = asked.body.trimStart();
  if (text.startsWith("<")) {
    const code = /<(?:returnReasonCode|resultCode)>\s*(\d+)/.exec(text)?.[1];
    return gaveNothing(code === undefined ? "unreadable" : (CODES[code.padStart(2, "0")] ?? "failed"));
  }
  try {
    return readResult(fieldsOf(JSON.parse(text)));
  } catch {
    return gaveNothing("unreadable");
  }
}

function readResult(body: Readonly<Record<string, unknown>>): Asked<Readonly<Record<string, unknown>>> {
  const code = textOf(fieldsOf(fieldsOf(body["response"])["header"])["resultCode"]);
  if (code === null || FINE.includes(code)) return { ok: true, body };
  return gaveNothing(CODES[code.padStart(2, "0")] ?? "failed");
}

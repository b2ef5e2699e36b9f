/**
 * A Korean mobile number as it is kept: digits alone, `82` in front read as `0` (contract §3.2).
 * @returns undefined for everything that is none: 11 digits from `010` on, or 10 from `01` on
 */
export function storedPhone(text: string | undefined): string | undefined {
  const digits = (text ?? "").replace(/\D/g, "");
  const number = digits.startsWith("82") && digits.length >= 11 ? `0${digits.slice(2)}` : digits;
  return /^(010\d{8}|01\d{8})$/.test(number) ? number : undefined;
}

/** `010-1234-5678`; 10 digits in groups of 3, 3 and 4; of an unknown shape as it is kept. */
export function shownPhone(number: string): string {
  const [, first = "", second = "", third = ""] =
    /^(010)(\d{4})(\d{4})$/.exec(number) ?? /^(\d{3})(\d{3})(\d{4})$/.exec(number) ?? [];
  return first === "" ? number : `${first}-${second}-${third}`;
}

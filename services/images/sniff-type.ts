/** Bytes that `sniffType` needs to see. */
export const HEAD_BYTES = 32;

/**
 * Names what a file is by its first bytes: a media type, or undefined when it looks like no picture.
 * Formats that are not taken are known too, so that the caller can be told what was sent; and no decoder ever sees them.
 */
export function sniffType(head: Buffer): string | undefined {
  const text = head.toString("latin1", 0, HEAD_BYTES);
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "image/webp";
  if (text.slice(4, 8) === "ftyp") return typeOfBrands(text.slice(8));
  if (/^GIF8[79]a/.test(text)) return "image/gif";
  if (/^BM/.test(text)) return "image/bmp";
  if (/^(II\*\0|MM\0\*)/.test(text)) return "image/tiff";
  if (text.startsWith("%PDF-")) return "application/pdf";
  if (/^\s*<(\?xml|svg|!doctype|html)/i.test(text)) return "text/html or image/svg+xml";
  return undefined;
}

/** ISO media files carry a major brand, a version and compatible brands of four letters each. */
function typeOfBrands(brands: string): string | undefined {
  if (/avif|avis/.test(brands)) return "image/avif";
  return /hei[cxms]|hev[cx]|mif1|msf1/.test(brands) ? "image/heic" : "video/mp4";
}

import { fail } from "../../broker/errors.ts";

/** Types that are taken, each with its file extensions, the usual one first. */
const PICTURE_TYPES = {
  "image/jpeg": ["jpg", "jpeg"],
  "image/png": ["png"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
} as const;
export type PictureType = keyof typeof PICTURE_TYPES;

const ALIASES = new Map<string, PictureType>([
  ["image/jpg", "image/jpeg"],
  ["image/pjpeg", "image/jpeg"],
]);
const UNKNOWN_TYPE = "application/octet-stream";
const TAKEN = "JPEG, PNG, WebP and AVIF pictures are taken";
const HEIC = `HEIC cannot be read by every device; let the phone or the browser turn it into JPEG. ${TAKEN}.`;
/** By type or extension. */
const REASONS = new Map([
  ["gif", `GIF is not taken, since an animation has no single picture to look at; ${TAKEN}.`],
  ["heic", HEIC],
  ["heif", HEIC],
]);

export interface ChosenType {
  /** What the uploader announced and has to send as Content-Type: the essence, in lower case. */
  declaredType: string;
  /** What the bytes have to be. */
  contentType: PictureType;
  /** Without a dot; from the file name where that fits the type. */
  extension: string;
}

/**
 * Decides what a picture will be, from the announced content type, or from the file name when none was announced.
 * @throws UNSUPPORTED_MEDIA_TYPE with the reason
 */
export function chooseType(filename: string, announced: string): ChosenType {
  const declaredType = essenceOf(announced);
  const extension = extensionOf(filename);
  const contentType = declaredType === UNKNOWN_TYPE ? typeOfExtension(extension) : knownType(declaredType);
  if (!contentType) {
    const subject = declaredType === UNKNOWN_TYPE ? extension : declaredType.replace("image/", "");
    throw fail("UNSUPPORTED_MEDIA_TYPE", REASONS.get(subject) ?? `${TAKEN}.`);
  }
  const fitting: readonly string[] = PICTURE_TYPES[contentType];
  return {
    declaredType,
    contentType,
    extension: fitting.includes(extension) ? extension : PICTURE_TYPES[contentType][0],
  };
}

/**
 * Does the Content-Type of a PUT keep to what was announced? Who announced nothing may also name the true type.
 * @throws UNSUPPORTED_MEDIA_TYPE
 */
export function assertAnnounced(sent: string, { declaredType, contentType }: Omit<ChosenType, "extension">): void {
  const essence = essenceOf(sent);
  if (essence === declaredType || knownType(essence) === contentType) return;
  throw fail("UNSUPPORTED_MEDIA_TYPE", `This address was given out for ${declaredType}.`);
}

/** A media type without parameters. */
const essenceOf = (type: string): string => type.split(";", 1)[0]?.trim().toLowerCase() || UNKNOWN_TYPE;

const extensionOf = (filename: string): string => /\.([a-z0-9]{1,8})$/i.exec(filename)?.[1]?.toLowerCase() ?? "";

const knownType = (type: string): PictureType | undefined =>
  Object.hasOwn(PICTURE_TYPES, type) ? (type as PictureType) : ALIASES.get(type);

const typeOfExtension = (extension: string): PictureType | undefined =>
  (Object.keys(PICTURE_TYPES) as PictureType[]).find(type =>
    (PICTURE_TYPES[type] as readonly string[]).includes(extension),
  );

/** A class of the taxonomy; where a major has no middles, the middle repeats it. */
export interface TaxonomyClass {
  readonly major: string;
  readonly middle: string;
}

/** What a label of the net stands for. */
export interface LabelMeaning extends TaxonomyClass {
  /** The item of the taxonomy that nearly every photo of the label shows. */
  readonly item: string | null;
  /** Classes that the photos of this label also hold or that look the same: a good engine asks before it decides between them. */
  readonly also: readonly TaxonomyClass[];
}

const recyclable = (middle: string): TaxonomyClass => ({ major: "재활용폐기물", middle });
const sack = (major: string): TaxonomyClass => ({ major, middle: major });

/**
 * The labels the head is trained on (folder names of the photos) and their class, after 재활용가능자원의 분리수거 등에 관한 지침 별표1:
 * broken or coated glass, receipts and coated paper, and bedding leave the stream that they look like; a plastic bottle is 무색페트병
 * only when it is clear PET that held a drink, which no still of it proves.
 */
export const wasteLabels = {
  carton: { ...recyclable("종이팩"), item: null, also: [recyclable("종이")] },
  food: { ...sack("음식물류폐기물"), item: null, also: [sack("일반종량제폐기물")] },
  general: { ...sack("일반종량제폐기물"), item: null, also: [recyclable("비닐류"), recyclable("플라스틱류")] },
  glass: { ...recyclable("유리병"), item: null, also: [sack("불연성종량제폐기물")] },
  metal: { ...recyclable("금속류"), item: null, also: [] },
  paper: { ...recyclable("종이"), item: null, also: [sack("일반종량제폐기물")] },
  "paper-cardboard": { ...recyclable("종이"), item: "골판지류", also: [] },
  plastic: { ...recyclable("플라스틱류"), item: null, also: [recyclable("무색페트병"), recyclable("비닐류")] },
  textile: { ...recyclable("의류및원단"), item: null, also: [sack("일반종량제폐기물")] },
} as const satisfies Record<string, LabelMeaning>;

export type WasteLabel = keyof typeof wasteLabels;

export const isWasteLabel = (name: string): name is WasteLabel => Object.hasOwn(wasteLabels, name);

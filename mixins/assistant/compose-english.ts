import { loadKnowledge } from "../knowledge/load-knowledge.ts";
import type { Findings } from "./compose-reply.ts";
import type { ReplyItem } from "./reply.types.ts";

interface ClassInEnglish {
  name: string;
  steps: readonly string[];
}

/** Each class with its first steps; what `knowledge/rules` says in Korean, said shorter. */
const classes: Record<string, ClassInEnglish> = {
  종이: {
    name: "paper",
    steps: ["Remove tape, labels and plastic.", "Flatten boxes and keep everything dry.", "Put it out with paper."],
  },
  종이팩: {
    name: "paper cartons",
    steps: [
      "Empty it and rinse it with water.",
      "Remove straws and plastic, cut it open and let it dry.",
      "Put it out with cartons, apart from other paper.",
    ],
  },
  무색페트병: {
    name: "clear PET bottles",
    steps: [
      "Empty it and rinse it.",
      "Peel off the label.",
      "Crush it, close the cap and put it out with clear PET bottles.",
    ],
  },
  플라스틱류: {
    name: "plastic containers",
    steps: ["Empty it and rinse it.", "Remove labels and parts of other materials.", "Put it out with plastics."],
  },
  비닐류: {
    name: "plastic film and bags",
    steps: ["Empty it and rinse off what sticks to it.", "Put it out with plastic film so that it does not blow away."],
  },
  발포합성수지: {
    name: "styrofoam",
    steps: ["Empty it and rinse it.", "Remove tape and labels.", "Put it out with styrofoam."],
  },
  유리병: {
    name: "glass bottles",
    steps: [
      "Remove the cap, empty it and rinse it.",
      "Do not break it.",
      "Put it out with glass; deposit bottles can be returned to shops.",
    ],
  },
  금속류: {
    name: "metal and cans",
    steps: [
      "Empty it and rinse it; use up gas sprays completely.",
      "Remove parts of other materials.",
      "Put it out with metal.",
    ],
  },
  의류및원단: {
    name: "clothes and textiles",
    steps: ["Keep them clean and dry.", "Put them into a clothes collection box."],
  },
  전지: { name: "batteries", steps: ["Take it out of the device.", "Put it into a battery collection box."] },
  조명제품: { name: "lamps", steps: ["Take care not to break it.", "Put it into the collection box for lamps."] },
  전기전자제품: {
    name: "electrical appliances",
    steps: [
      "Large appliances are picked up free of charge; ask for a visit in advance.",
      "Put small ones into a collection box for small appliances.",
    ],
  },
  일반종량제폐기물: { name: "general waste", steps: ["Put it into a standard pay-by-volume trash bag (종량제봉투)."] },
  불연성종량제폐기물: {
    name: "non-combustible waste",
    steps: [
      "Wrap sharp pieces so that nobody gets hurt.",
      "Put it into the sack for non-combustible waste (불연성 마대).",
    ],
  },
  음식물류폐기물: {
    name: "food waste",
    steps: ["Drain it and take out bones, shells and packaging.", "Put it into the food-waste bin or bag."],
  },
  공사장생활폐기물: {
    name: "construction waste",
    steps: ["Put it into the sack for construction waste, or ask your local office for a pick-up."],
  },
  대형폐기물: {
    name: "bulky waste",
    steps: [
      "Report it to your local office and pay the fee.",
      "Attach the sticker and put it out on the day you were given.",
    ],
  },
  생활계유해폐기물: {
    name: "hazardous household waste",
    steps: [
      "Do not mix it with other waste or pour it away.",
      "Take it to the collection point that your local office names; medicines to a pharmacy or health centre.",
    ],
  },
};

const HELLO =
  "Hello! I can tell you how to throw things away in Korea. Write the name of the item or send a photo of it.";
const UNKNOWN =
  "Our knowledge doesn't have this item, so I won't guess. Tell me its material or another name, or ask your local office (구청, 주민센터).";
const CHECK = "Collection days and places depend on your municipality.";

/** The answer in English; names of items stay Korean, as they stand on bins and bags. */
export function composeEnglish({ understanding, tools }: Findings, items: readonly ReplyItem[]): string {
  const refused = understanding.directed ? ["I can't change my role or settings."] : [];
  const missing = tools.flatMap(result =>
    result.available
      ? []
      : [
          `I can't look up ${result.tool.replaceAll("_", " ")} at the moment${result.reason === "needs location" ? "; share your location and I'll try" : ""}.`,
        ],
  );
  if (items.length === 0) return [...refused, ...(missing.length > 0 ? missing : [HELLO])].join("\n\n");
  return [...refused, ...missing, ...items.map(sayItem)].join("\n\n");
}

function sayItem({ name, middle }: ReplyItem): string {
  const known = classes[middle];
  if (known === undefined) return UNKNOWN;
  const title = loadKnowledge().rules.find(rule => rule.middle === middle && rule.scope === "class")?.source?.title;
  return [
    `${name}: ${known.name} (${middle}).`,
    ...known.steps.map((step, at) => `${at + 1}. ${step}`),
    ...(title === undefined
      ? ["This is general guidance; please check it with your local office."]
      : [`Source: ${title}`]),
    CHECK,
  ].join("\n");
}

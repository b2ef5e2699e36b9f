import { majors, recyclableMiddles } from "./knowledge.types.ts";
import { loadKnowledge } from "./load-knowledge.ts";

/** Majors, middles and items as indented text, to be inserted into prompts. */
export function itemList(): string {
  const { items } = loadKnowledge();
  const namesOf = (middle: string) => items.filter(item => item.middle === middle).map(({ name }) => name);
  return majors
    .flatMap(major => {
      if (major === "재활용폐기물")
        return [`- ${major}`, ...recyclableMiddles.map(middle => `  - ${middle}: ${namesOf(middle).join(", ")}`)];
      const names = namesOf(major);
      return [names.length === 0 ? `- ${major}` : `- ${major}: ${names.join(", ")}`];
    })
    .join("\n");
}

import {
  type Knowledge,
  majors,
  type Major,
  recyclableMiddles,
  unclassified,
} from "../../mixins/knowledge/knowledge.types.ts";

interface Category {
  id: number;
  name: string;
  display_name: string;
  instructions: string[];
}

/** The majors with their items: a line for each middle of the recyclables, one line for the others. */
export function listCategories(knowledge: Knowledge): Category[] {
  return majors
    .filter(major => major !== unclassified)
    .map((major, index) => ({
      id: index + 1,
      name: major,
      display_name: major,
      instructions: instructionsOf(knowledge, major),
    }));
}

function instructionsOf(knowledge: Knowledge, major: Major): string[] {
  const names = (middle: string) => knowledge.items.filter(item => item.middle === middle).map(item => item.name);
  const middles = major === "재활용폐기물" ? recyclableMiddles : [major];
  return middles.map(middle => `${middle}: ${names(middle).join(", ")}`);
}

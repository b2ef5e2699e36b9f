import { type Collected, loadPlaces, type PlaceCategory } from "../../mixins/knowledge/load-places.ts";

export const GENERAL = "general";
const idsIn = (text: string, categories: readonly PlaceCategory[]): string[] =>
  categories.filter(({ words }) => words.test(text)).map(({ id }) => id);

/** The first kind of place whose words its description holds. */
export const storeCategoryOf = (text: string): string => idsIn(text, loadPlaces().stores)[0] ?? GENERAL;

/** What the app can filter by, of what a place says that it takes. */
export function pickupCategoriesOf(text: string): string[] {
  const found = idsIn(text, loadPlaces().pickups);
  return found.length === 0 ? [GENERAL] : found;
}

/** What a place takes, by `collects` of `knowledge/places.yaml`. */
export const collectsOf = (text: string): string[] => idsIn(text, loadPlaces().collects);

export const storeCategories = (): string[] => [...loadPlaces().stores.map(({ id }) => id), GENERAL];
export const pickupCategories = (): string[] => [...loadPlaces().pickups.map(({ id }) => id), GENERAL];

/** What takes the things of a rule or a class. */
export const takersOf = (rule: string, middle: string): readonly Collected[] =>
  loadPlaces().collects.filter(collected => collected.for.includes(rule) || collected.for.includes(middle));

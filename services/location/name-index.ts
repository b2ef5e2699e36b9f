import { getChoseong } from "es-hangul";

interface Named {
  readonly name: string;
  readonly road_address: string | null;
}

export interface NameIndex<S extends Named> {
  /** Sites whose name or address holds the text, or whose name begins with its first letters (`ㅈㄹㅇ`); best first. */
  search(text: string, limit: number): S[];
}

const ONLY_CONSONANTS = /^[ㄱ-ㅎ\s]+$/u;
const flat = (text: string): string => text.normalize("NFC").toLowerCase().replace(/\s+/gu, "");

/** Names of sites, for search by any part of them and by first consonants. */
export function buildNameIndex<S extends Named>(sites: readonly S[]): NameIndex<S> {
  const entries = sites.map(site => ({
    site,
    name: flat(site.name),
    first: flat(getChoseong(site.name)),
    address: flat(site.road_address ?? ""),
  }));
  return {
    search(text, limit) {
      const wanted = flat(text);
      if (wanted === "") return [];
      const byConsonants = ONLY_CONSONANTS.test(text);
      const words = text
        .split(/\s+/u)
        .map(flat)
        .filter(word => word !== "");
      const rankOf = ({ name, first, address }: (typeof entries)[number]): number => {
        if (byConsonants) return first.startsWith(wanted) ? 3 : first.includes(wanted) ? 2 : 0;
        if (name.startsWith(wanted)) return 5;
        if (name.includes(wanted)) return 4;
        if (words.every(word => name.includes(word) || address.includes(word))) return 3;
        return address.includes(wanted) ? 2 : 0;
      };
      return entries
        .map(entry => ({ site: entry.site, rank: rankOf(entry) }))
        .filter(({ rank }) => rank > 0)
        .sort((a, b) => b.rank - a.rank || a.site.name.length - b.site.name.length)
        .slice(0, limit)
        .map(({ site }) => site);
    },
  };
}

import type { Static } from "typebox";
import { findRegion } from "../../mixins/knowledge/find-region.ts";
import { findRule } from "../../mixins/knowledge/find-rule.ts";
import type { Region } from "../../mixins/knowledge/info.types.ts";
import type { Knowledge } from "../../mixins/knowledge/knowledge.types.ts";
import { searchItems } from "../../mixins/knowledge/search-items.ts";
import type { Asked } from "../../mixins/outside/ask-outside.ts";
import { isAbout, type ListedFee } from "./ask-fees.ts";
import { describeBulk, describeItem, describeSource, officeOf } from "./describe-knowledge.ts";
import type { BulkWaste } from "./tools.schemas.ts";

type Answer = Static<typeof BulkWaste>;
/** Fees that an open list has for a municipality. */
export interface FeeList {
  url: string;
  ask: (region: string) => Promise<Asked<ListedFee[]>>;
}
const MAX_FEES = 20;

/**
 * How a thing is handed over as bulk waste in a municipality, from the knowledge; fees only from a list that has a source.
 * @param fees undefined where no list is configured
 */
export async function askBulkWaste(
  { item: thing, region: place }: { item?: string | undefined; region?: string | undefined },
  knowledge: Knowledge,
  fees: FeeList | undefined,
): Promise<Answer> {
  const item = thing === undefined ? undefined : searchItems(thing, 1)[0]?.item;
  const found = place === undefined ? ({ kind: "none" } as const) : findRegion(place);
  const region = found.kind === "one" ? found.region : undefined;
  return {
    item: item === undefined ? null : describeItem(item, knowledge),
    region: region === undefined ? null : officeOf(region),
    candidates: found.kind === "several" ? found.regions.map(({ name }) => name) : [],
    ...guideFor(region),
    fees: await feesOf(
      region,
      [thing, item?.name].filter(name => name !== undefined),
      fees,
    ),
    version: knowledge.version,
  };
}

function guideFor(region: Region | undefined): Pick<Answer, "steps" | "source" | "review"> {
  if (region !== undefined) {
    const { steps, source, review } = describeBulk(region);
    return { steps, source, review };
  }
  const rule = findRule("대형폐기물", null);
  return {
    steps: [...(rule?.steps ?? [])],
    source: rule?.source ? describeSource(rule.source) : null,
    review: rule?.review ?? "unverified",
  };
}

async function feesOf(region: Region | undefined, names: string[], fees: FeeList | undefined): Promise<Answer["fees"]> {
  const wanted = <T extends { item: string }>(list: readonly T[]): T[] =>
    list.filter(fee => names.length === 0 || names.some(name => isAbout(fee.item, name))).slice(0, MAX_FEES);
  const own = region?.bulk.source ? wanted(region.bulk.fees) : [];
  if (region?.bulk.source && own.length > 0) {
    const { title, url, date } = region.bulk.source;
    return {
      available: true,
      list: own.map(({ item, won }) => ({ item, spec: null, won })),
      source: { title, url, date },
    };
  }
  if (fees === undefined) return { available: false, reason: "not_configured" };
  if (region === undefined) return { available: false, reason: "region_unknown" };
  const asked = await fees.ask(region.name);
  if (!asked.ok) return { available: false, reason: asked.reason };
  const listed = wanted(asked.body);
  if (listed.length === 0) return { available: false, reason: "no_data" };
  return {
    available: true,
    list: listed.map(({ item, spec, won }) => ({ item, spec, won })),
    source: { title: "공공데이터포털 대형폐기물 수수료 목록", url: fees.url, date: listed[0]?.date ?? null },
  };
}

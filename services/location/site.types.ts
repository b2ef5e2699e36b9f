/** Opening hours as the source writes them: Monday to Sunday, and on public holidays; empty: it says nothing. */
export interface Hours {
  readonly week: readonly string[];
  readonly holiday: string;
}

/** A site as it is kept; `latitude` and `longitude` are null where the source's are missing or cannot be right. */
export interface Site {
  readonly source: string;
  /** The source's own key; with `source` it names the site for ever. */
  readonly sourceKey: string;
  /** The source's number where the app knows it by that. */
  readonly id: number | null;
  readonly name: string;
  readonly roadAddress: string | null;
  readonly lotAddress: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly phone: string | null;
  readonly hours: Hours | null;
  readonly storeCategory: string;
  readonly pickupCategories: readonly string[];
  /** What it takes, by `collects` of `knowledge/places.yaml`. */
  readonly collects: readonly string[];
  readonly collectionItems: string | null;
  readonly introduction: string | null;
  readonly homepage: string | null;
  /** Whom the data is from. */
  readonly attribution: string;
  /** Made up for demonstration; named so. */
  readonly sample: boolean;
}

/** What is wrong with a row of an imported file. */
export interface RowFault {
  /** Line of the file in which the row ends, from 1. */
  readonly line: number;
  readonly column: string;
  readonly reason: string;
  /** `refused`: not kept; `quarantined`: kept without coordinates, so it is never shown; `repaired`: kept with what it must have been. */
  readonly then: "refused" | "quarantined" | "repaired";
}

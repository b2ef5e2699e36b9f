/** How often something may be asked: `points` requests in `perS` seconds, counted by whose they are. */
export interface Limit {
  readonly of: "address" | "person";
  readonly points: number;
  readonly perS: number;
}

/**
 * The limits of the house. Each request counts for its address and, signed in, for its person; routes that a contract puts into a group
 * (`limit`) count there as well. Addresses are shared by many people behind one carrier's gateway, so theirs are wide.
 */
export const LIMITS = {
  address: { of: "address", points: 3_000, perS: 60 },
  person: { of: "person", points: 600, perS: 60 },
  /** Begins and ends of sign-ins. */
  "sign-in": { of: "address", points: 120, perS: 60 },
  /** A refresh needs no token that still counts, so a stranger can ask for it. */
  refresh: { of: "address", points: 240, perS: 60 },
  /** What costs a model, a picture or a turn. */
  work: { of: "person", points: 60, perS: 60 },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;

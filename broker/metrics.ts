import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * What this process measures, in Prometheus' terms. Labels hold names out of contracts, catalogues and settings, never what a person
 * or a client made up: a label with endless values would fill the memory of whoever reads it.
 */
export const registry = new Registry();
collectDefaultMetrics({ register: registry });

/** Seconds, from a call inside the process to one that is given up. */
const CALL_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds, for what waits for models, and for messages that wait for all of the ladder. */
const WORK_BUCKETS_S = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900];

interface Named<L extends string> {
  /** `eco2_<what>_<unit>`. */
  name: string;
  help: string;
  labels?: readonly L[];
}
/** How long things take, with that how many there were: of calls and requests. */
export const callDurations = <L extends string>({ name, help, labels = [] }: Named<L>): Histogram<L> =>
  new Histogram({ name, help, labelNames: labels, buckets: CALL_BUCKETS_S, registers: [registry] });

/** The same of work that may take minutes. */
export const workDurations = <L extends string>({ name, help, labels = [] }: Named<L>): Histogram<L> =>
  new Histogram({ name, help, labelNames: labels, buckets: WORK_BUCKETS_S, registers: [registry] });

export const counter = <L extends string>({ name, help, labels = [] }: Named<L>): Counter<L> =>
  new Counter({ name, help, labelNames: labels, registers: [registry] });

/** One line of a gauge. */
export interface Reading<L extends string> {
  labels?: Partial<Record<L, string>>;
  value: number;
}
type Reader<L extends string> = () => Promise<readonly Reading<L>[]> | readonly Reading<L>[];

/** What stands still while nobody asks: read when the metrics are. */
export interface ReadGauge<L extends string> {
  /** Who can tell. One that fails or takes longer than a second leaves its lines out. @returns takes it back */
  readBy(reader: Reader<L>): () => void;
}
const READ_TIMEOUT_MS = 1_000;

/** A gauge that is read from its place each time the metrics are. */
export function readGauge<L extends string>({ name, help, labels = [] }: Named<L>): ReadGauge<L> {
  const readers = new Set<Reader<L>>();
  const gauge = new Gauge({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    async collect() {
      const readings = await Promise.all([...readers].map(inTime));
      // Lines of what is gone go with it.
      gauge.reset();
      for (const { labels: of = {}, value } of readings.flat()) gauge.set(of, value);
    },
  });
  return {
    readBy(reader) {
      readers.add(reader);
      return () => void readers.delete(reader);
    },
  };
}

async function inTime<L extends string>(reader: Reader<L>): Promise<readonly Reading<L>[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<[]>(resolve => (timer = setTimeout(() => resolve([]), READ_TIMEOUT_MS)));
  try {
    return await Promise.race([reader(), late]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

/** A clock for a histogram. @returns seconds since it was started */
export function startClock(): () => number {
  const startedAt = performance.now();
  return () => (performance.now() - startedAt) / 1000;
}

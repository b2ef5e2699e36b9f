import type { Contract } from "../../broker/contract.ts";

/** One process of the cluster. */
export interface Plan {
  name: string;
  /** The rooms that it loads, as SERVICES names them. */
  rooms: string;
  /** Its own settings. */
  env: Record<string, string>;
  /** Stops are made in this order: whoever asks is gone before those who answer. */
  stopsIn: number;
}

/** How many of each, and the first of the internal ports; 0 takes free ones, undefined none. */
export interface Size {
  gateways: number;
  workers: number;
  metricsPort: number | undefined;
}

/**
 * The processes of a house: its gateways, one for each room, and several for each room that consumes messages. A process with a
 * consuming room serves the room's actions too: a call costs it next to nothing, and so there is always somebody who answers.
 */
export function planMembers(contracts: readonly Contract[], { gateways, workers, metricsPort }: Size): Plan[] {
  const rooms = contracts.map(({ name, consumes = {} }) => ({ name, works: Object.keys(consumes).length > 0 }));
  const plans = [
    ...several("gateway", gateways).map(name => ({ name, rooms: "api", stopsIn: 0 })),
    ...rooms.filter(room => !room.works).map(({ name }) => ({ name, rooms: name, stopsIn: 2 })),
    ...rooms
      .filter(room => room.works)
      .flatMap(room => several(room.name, workers).map(name => ({ name, rooms: room.name, stopsIn: 1 }))),
  ];
  return plans.map((plan, index) => {
    // Each process has an internal port of its own: they follow each other.
    const port = metricsPort === undefined ? "" : String(metricsPort === 0 ? 0 : metricsPort + index);
    return { ...plan, env: { SERVICES: plan.rooms, METRICS_PORT: port } };
  });
}

const several = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

import { type ActionContract, type Contract, type Method, type Route, routesOf } from "../../broker/contract.ts";
import { API_PREFIX, type Operation } from "./api.contract.ts";
import { compileParams, type ParamReader } from "./read-params.ts";

/** One address of the house: either an action that a room's contract declares, or an operation of the gateway. */
export type PlannedRoute = {
  method: Method;
  /** Whole path with `:names`, e.g. `/api/v1/scan/:job_id/result`. */
  path: string;
} & (
  | { action: string; contract: ActionContract; params: ParamReader; operation?: undefined }
  | { operation: Operation; action?: undefined; contract?: undefined }
);

/**
 * Every route of the house, computed once, literal segments before `:names`, so that `/chat/messages` wins over `/chat/:id`.
 * @throws Error when two routes would answer the same address
 */
export function planRoutes(contracts: readonly Contract[], operations: readonly Operation[]): PlannedRoute[] {
  const planned = [
    ...operations.map((operation): PlannedRoute => ({ ...split(operation.route), operation })),
    ...contracts.flatMap(room =>
      Object.entries(room.actions).flatMap(([name, action]) =>
        routesOf(action).map(route => planAction(route, `${room.name}.${name}`, action)),
      ),
    ),
  ];
  const taken = new Map<string, string>();
  for (const { method, path } of planned) {
    const shape = `${method} ${path.replaceAll(/:\w+/g, ":")}`;
    const other = taken.get(shape);
    if (other !== undefined) throw new Error(`Two routes answer the same address: ${method} ${path} and ${other}`);
    taken.set(shape, `${method} ${path}`);
  }
  return planned.sort((a, b) => compareLiteralFirst(a.path, b.path));
}

function planAction(route: Route, action: string, contract: ActionContract): PlannedRoute {
  const { method, path } = split(route);
  return { method, path: API_PREFIX + path, action, contract, params: compileParams(route, contract) };
}

function split(route: Route): { method: Method; path: string } {
  const [method = "", path = ""] = route.split(" ", 2);
  return { method: method as Method, path };
}

function compareLiteralFirst(a: string, b: string): number {
  const [aParts, bParts] = [a.split("/"), b.split("/")];
  for (const [index, part] of aParts.entries()) {
    const other = bParts[index];
    if (other === undefined) return 1;
    const byKind = Number(part.startsWith(":")) - Number(other.startsWith(":"));
    if (byKind !== 0) return byKind;
  }
  return aParts.length - bParts.length;
}

export interface RouteMatch {
  route: PlannedRoute;
  /** What the path names, decoded. */
  params: Record<string, string>;
}

/** Compiles a search: every route that a path fits, whatever its method, the most literal first. The path is valid percent-encoding. */
export function routeFinder(routes: readonly PlannedRoute[]): (path: string) => RouteMatch[] {
  const bySize = Map.groupBy(
    routes.map(route => ({ route, parts: route.path.split("/") })),
    ({ parts }) => parts.length,
  );
  return path => {
    const given = path.split("/");
    return (bySize.get(given.length) ?? []).flatMap(({ route, parts }) => {
      const params: Record<string, string> = {};
      for (const [index, part] of parts.entries()) {
        const value = given[index] ?? "";
        if (part.startsWith(":") && value !== "") params[part.slice(1)] = decodeURIComponent(value);
        else if (part !== value) return [];
      }
      return [{ route, params }];
    });
  };
}

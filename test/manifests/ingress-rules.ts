import { valueAt } from "./others-pods.ts";
import type { Deployed } from "./render.ts";

export interface IngressRule {
  service: string;
  /** Whether a request for this path goes there, unless an earlier rule takes it. */
  takes(path: string): boolean;
}
interface Rule {
  host: string;
  http: { paths: { path: string; pathType: string; backend: { service: { name: string } } }[] };
}

/** The rules of the ALB for the house's own host, in the order in which it tries them. */
export function ingressRules(objects: readonly Deployed[]): IngressRule[] {
  const order = ({ metadata }: Deployed) => Number(metadata.annotations?.["alb.ingress.kubernetes.io/group.order"]);
  return objects
    .filter(({ kind }) => kind === "Ingress")
    .sort((a, b) => order(a) - order(b))
    .flatMap(ingress => (valueAt(ingress, "spec.rules") as Rule[]).filter(({ host }) => host.startsWith("api.")))
    .flatMap(({ http }) =>
      http.paths.map(({ path: prefix, backend }) => ({
        service: backend.service.name,
        takes: (path: string) => prefix === "/" || path === prefix || path.startsWith(`${prefix}/`),
      })),
    );
}

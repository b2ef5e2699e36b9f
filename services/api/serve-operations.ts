import type { ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { Contract } from "../../broker/contract.ts";
import { fail } from "../../broker/errors.ts";
import { health } from "../../broker/internal-server.ts";
import type { State } from "../../broker/readiness.ts";
import { API_PREFIX, type Operation } from "./api.contract.ts";
import type { GatewaySettings } from "./api.settings.ts";
import { checkReadiness } from "./check-readiness.ts";
import type { GatewayRequest } from "./exchange.ts";
import { sendProblem } from "./send-problem.ts";
import { sendResult } from "./send-result.ts";
import { docsServer } from "./serve-docs.ts";

export interface OperationTools {
  broker: ServiceBroker;
  contracts: readonly Contract[];
  operations: readonly Operation[];
  settings: GatewaySettings;
  isDraining: () => boolean;
  openStreams: () => number;
}
export type ServeOperation = (operation: Operation, req: GatewayRequest, res: ServerResponse) => Promise<void>;

/** Answers the routes of the gateway itself. */
export function serveOperations(tools: OperationTools): ServeOperation {
  const docs = docsServer(tools.contracts, tools.operations);
  const readiness = keptFor(tools.settings.readyCacheMs, () =>
    checkReadiness(tools.broker, tools.contracts, tools.settings.readyTimeoutMs),
  );
  return (operation, req, res) => {
    switch (operation.serves) {
      case "home":
        return sendResult(req, res, null, { $location: `${API_PREFIX}/docs` }, 302);
      case "health":
        return sendResult(req, res, { ...health(), open_streams: tools.openStreams() }, {}, 200);
      case "ready":
        return ready(req, res, tools.isDraining() ? undefined : readiness());
      case "openapi":
        return docs.openApi(req, res, operation.domain);
      case "docs":
        return docs.page(req, res, operation.domain);
      case "asset":
        return docs.file(req, res, req.exchange.params["file"] ?? "");
    }
  };
}

/** @param checking undefined while the gateway stops: whoever looks should send people elsewhere */
async function ready(
  req: GatewayRequest,
  res: ServerResponse,
  checking: Promise<Record<string, State>> | undefined,
): Promise<void> {
  const { requestId } = req.exchange;
  if (!checking) {
    sendProblem(req, res, fail("SERVICE_UNAVAILABLE", "This process is shutting down."), requestId);
    return;
  }
  const dependencies = await checking;
  const down = Object.keys(dependencies).filter(name => dependencies[name] === "down");
  if (down.length === 0) return sendResult(req, res, { status: "ready", dependencies }, {}, 200);
  const detail = `No answer from: ${down.sort().join(", ")}.`;
  sendProblem(req, res, fail("SERVICE_UNAVAILABLE", detail), requestId, { dependencies });
}

/** Many probes cost one check: an answer counts for `ms`, and who asks meanwhile waits for the one under way. */
function keptFor<T>(ms: number, check: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  let until = 0;
  return () => {
    if (kept && performance.now() < until) return kept;
    until = Number.POSITIVE_INFINITY;
    kept = check().finally(() => (until = performance.now() + ms));
    return kept;
  };
}

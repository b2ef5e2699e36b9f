import { hostname } from "node:os";
import type { BrokerOptions } from "moleculer";
import { env } from "./broker/env.ts";
import { brokerLogger } from "./broker/logger.ts";
import { houseMiddlewares } from "./broker/middlewares/house-middlewares.ts";
import { houseTransporter } from "./broker/transporter.ts";
import { SchemaValidator } from "./broker/validator.ts";
import { houseCacher } from "./mixins/cache/house-cacher.ts";
import { keepRedis } from "./mixins/redis/house-redis.ts";

const config: BrokerOptions = {
  nodeID: env.NODE_ID ?? `${hostname()}-${process.pid}`,
  namespace: env.NAMESPACE,
  transporter: houseTransporter(),
  // Streams of bytes go six times faster than as JSON.
  serializer: "CBOR",
  // A killed node is forgotten after ten seconds; until then its callers learn of it from the unroutable request.
  heartbeatInterval: 3,
  heartbeatTimeout: 10,
  middlewares: [...houseMiddlewares(), keepRedis],
  logger: brokerLogger,
  validator: new SchemaValidator({}),
  cacher: houseCacher(),
  // Local calls must behave like remote ones: no shared objects between rooms.
  contextParamsCloning: true,
  // Zero, the default, would wait for ever for a node that died.
  requestTimeout: 10_000,
  // How often a room that waits for another one looks: the default of a second would be most of a start.
  dependencyInterval: 50,
  // It rejects calls in flight on a graceful stop; the gateway drains instead.
  tracking: { enabled: false },
};

export default config;

import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { Loggers, type Service, ServiceBroker, type ServiceSchema } from "moleculer";
import type { Contract } from "../../broker/contract.ts";
import { SchemaValidator } from "../../broker/validator.ts";
import { memoryProgress, type ProgressLog } from "../../mixins/progress/progress.ts";
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../mixins/tokens/claims.ts";
import { gateway } from "../../services/api/api.service.ts";
import type { GatewaySettings } from "../../services/api/api.settings.ts";

const { publicKey, privateKey } = await generateKeyPair(TOKEN_ALGORITHM);
const jwk = { ...(await exportJWK(publicKey)), kid: "test" };

export const APP = "http://localhost:5173";

/** An access token as the room of sign-in would give it. */
export async function tokenFor(
  userId: string,
  { sessionId = randomUUID(), ttlS = 600, type = "access" } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ type, sid: sessionId, provider: "google" })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid: "test" })
    .setSubject(userId)
    .setJti(randomUUID())
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt(now - 60)
    .setNotBefore(now - 60)
    .setExpirationTime(now + ttlS)
    .sign(privateKey);
}

/** The two actions of the room of sign-in that a gateway needs. */
const keys = (revoked: { session_id: string; expires_at: string }[]): ServiceSchema => ({
  name: "auth",
  actions: { jwks: () => ({ keys: [jwk] }), revocations: () => revoked },
});

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly broker: ServiceBroker;
  readonly progress: ProgressLog;
  readonly revoked: { session_id: string; expires_at: string }[];
  readonly server: Server;
  /** What the gateway logged. */
  readonly logs: { level: string; args: unknown[] }[];
  stop(): Promise<void>;
}

interface Options {
  contracts: readonly Contract[];
  services: readonly ServiceSchema[];
  settings?: Partial<GatewaySettings>;
  progress?: ProgressLog;
  withoutAuth?: boolean;
}

class Recorder extends Loggers.Base<object> {
  readonly #logs: TestGateway["logs"];
  constructor(logs: TestGateway["logs"]) {
    super({});
    this.#logs = logs;
  }
  override getLogHandler(bindings?: { mod?: string }) {
    return (level: string, args: unknown[]) => {
      if (bindings?.mod === "api") this.#logs.push({ level, args });
    };
  }
}

/** A gateway on a free port over rooms that a test brings, in a broker that is set up as the house's. */
export async function startGateway(options: Options): Promise<TestGateway> {
  const progress = options.progress ?? memoryProgress();
  const revoked: TestGateway["revoked"] = [];
  const logs: TestGateway["logs"] = [];
  const broker = new ServiceBroker({
    nodeID: randomUUID(),
    logger: new Recorder(logs),
    validator: new SchemaValidator({}),
    contextParamsCloning: true,
    requestTimeout: 2_000,
  });
  if (options.withoutAuth !== true) broker.createService(keys(revoked));
  for (const service of options.services) broker.createService(service);
  const settings = { port: 0, host: "127.0.0.1", allowedOrigins: [APP], dataDir: undefined, ...options.settings };
  const service: Service = broker.createService(gateway(options.contracts, settings, progress));
  const { server } = service as Service & { server: Server };
  await broker.start();
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, broker, progress, revoked, server, logs, stop: () => broker.stop() };
}

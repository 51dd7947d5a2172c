import { WorkerEntrypoint } from "cloudflare:workers";
import type { AuthApi, Settlement } from "../../../shared/contracts/rpc.ts";
import { serveOpenApi } from "../../../shared/http/openapi.ts";
import { createService } from "../../../shared/http/service.ts";
import { DatabaseOutboxService } from "../../../shared/outbox/outbox-service.ts";
import { type Env, type RouteEnv, readSettings } from "./env.ts";
import { KEYRING_NAME } from "./keyring.do.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { profileRoutes } from "./routes/profile.ts";
import { systemRoutes } from "./routes/system.ts";
import { userRoutes } from "./routes/users.ts";
import { UsersRepo } from "./users.repo.ts";

export { Keyring } from "./keyring.do.ts";
export { Relay } from "./relay.do.ts";
export { UserSessions } from "./user-sessions.do.ts";

const app = createService<RouteEnv>({
  settings: readSettings,
  health: { database: (env) => new UsersRepo(env.DB).ping() },
});
const credentials = credentialRoutes({ legacyToken: false });
for (const prefix of ["/", "/auth", "/api", "/api/auth"]) app.route(prefix, credentials);
app.route("/api/users", credentialRoutes({ legacyToken: true }));
app.route("/profile", profileRoutes);
app.route("/api/profile", profileRoutes);
app.route("/api/users/me", profileRoutes);
app.route("/api/users", userRoutes);
app.route("/users", userRoutes);
app.route("/", systemRoutes);
serveOpenApi(app, "Auth");

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) => app.fetch(request, routeEnv(env), ctx),
} satisfies ExportedHandler<Env>;

/** One per environment, because settings are checked once per environment. */
const routeEnvs = new WeakMap<Env, RouteEnv>();

/** A binding of auth to itself would do the same, but its target would not exist at the first deploy. */
function routeEnv(env: Env): RouteEnv {
  const known = routeEnvs.get(env);
  if (known !== undefined) return known;
  const made = { ...env, AUTH: { jwks: () => publishedKeys(env) } };
  routeEnvs.set(env, made);
  return made;
}

function publishedKeys(env: Env) {
  return env.KEYRING.getByName(KEYRING_NAME).jwks();
}

/** Gives the other Workers the public keys and tells them who exists. */
export class AuthService extends WorkerEntrypoint<Env> implements AuthApi {
  async jwks() {
    return publishedKeys(this.env);
  }

  userExists(userId: string) {
    return new UsersRepo(this.env.DB).exists(userId);
  }
}

/** Gives audit the events of this service: those in the database, and those of each user's sessions. */
export class OutboxService extends DatabaseOutboxService<Env> {
  override async takeEvents(object: string | null, settlement: Settlement, limit: number) {
    if (object === null) return super.takeEvents(object, settlement, limit);
    return this.env.USER_SESSIONS.getByName(object).takeEvents(settlement, limit);
  }
}

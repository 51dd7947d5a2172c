import type { Settlement } from "../../../shared/contracts/rpc.ts";
import { servePapers } from "../../../shared/http/papers.ts";
import { createService } from "../../../shared/http/service.ts";
import { outboxGauges } from "../../../shared/outbox/gauges.ts";
import { DatabaseOutboxService } from "../../../shared/outbox/outbox-service.ts";
import { UsersRepo } from "./accounts/users.repo.ts";
import { authApi } from "./auth-service.ts";
import { card } from "./card.ts";
import { type Env, type RouteEnv, readSettings } from "./env.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { erasureRoutes } from "./routes/erasures.ts";
import { formRoutes } from "./routes/forms.ts";
import { ownKeyRoutes } from "./routes/keys.ts";
import { logoutRoutes } from "./routes/logout.ts";
import { profileRoutes } from "./routes/profile.ts";
import { serviceAccountRoutes } from "./routes/service-accounts.ts";
import { lastConnectionRoutes, sessionRoutes } from "./routes/sessions.ts";
import { signingKeyRoutes } from "./routes/signing-keys.ts";
import { soapRoutes } from "./routes/soap.ts";
import { systemRoutes } from "./routes/system.ts";
import { userRoutes } from "./routes/users.ts";

export { AuthService } from "./auth-service.ts";
export { PersonalDataService } from "./erasure/personal-data-service.ts";
export { LoginLimiter } from "./login/login-limiter.do.ts";
export { Relay } from "./relay.do.ts";
export { UserSessions } from "./sessions/user-sessions.do.ts";
export { Keyring } from "./signing/keyring.do.ts";

const app = createService<RouteEnv>({
  settings: readSettings,
  health: { database: (env) => new UsersRepo(env.DB).ping() },
  gauges: outboxGauges,
});
const credentials = credentialRoutes({ legacyToken: false });
for (const prefix of ["/", "/auth", "/api", "/api/auth"]) app.route(prefix, credentials);
app.route("/api/users", credentialRoutes({ legacyToken: true }));
for (const prefix of ["/", "/auth", "/api", "/api/auth", "/api/users"]) app.route(prefix, logoutRoutes);
app.route("/", formRoutes);
app.route("/", soapRoutes);
app.route("/profile", profileRoutes);
app.route("/api/profile", profileRoutes);
app.route("/api/users/me", profileRoutes);
app.route("/api/users", userRoutes);
app.route("/users", userRoutes);
app.route("/api/erasures", erasureRoutes);
app.route("/api/keys", ownKeyRoutes);
app.route("/api/service-accounts", serviceAccountRoutes);
app.route("/api/sessions", sessionRoutes);
app.route("/last-connection", lastConnectionRoutes);
app.route("/api/admin/signing-keys", signingKeyRoutes);
app.route("/", systemRoutes);
servePapers(app, card, readSettings);

export default {
  fetch: (request: Request, env: Env, ctx: ExecutionContext) => app.fetch(request, routeEnv(env), ctx),
} satisfies ExportedHandler<Env>;

/** One per environment, because settings are checked once per environment. */
const routeEnvs = new WeakMap<Env, RouteEnv>();

/** A binding of auth to itself would do the same, but its target would not exist at the first deploy. */
function routeEnv(env: Env): RouteEnv {
  const known = routeEnvs.get(env);
  if (known !== undefined) return known;
  const made = { ...env, AUTH: authApi(env) };
  routeEnvs.set(env, made);
  return made;
}

/** Gives audit the events of this service: those in the database, and those of each user's sessions. */
export class OutboxService extends DatabaseOutboxService<Env> {
  override async takeEvents(object: string | null, settlement: Settlement, limit: number) {
    if (object === null) return super.takeEvents(object, settlement, limit);
    return this.env.USER_SESSIONS.getByName(object).takeEvents(settlement, limit);
  }
}

import { servePapers } from "../../../shared/http/papers.ts";
import { createService } from "../../../shared/http/service.ts";
import { card } from "./card.ts";
import { consume } from "./consume.ts";
import { EntriesRepo } from "./entries.repo.ts";
import { type Env, readSettings } from "./env.ts";
import { exportRoutes, startExportRoutes } from "./routes/exports.ts";
import { logRoutes } from "./routes/logs.ts";
import { setAsideRoutes } from "./routes/set-aside.ts";

export { Log } from "./log.do.ts";
export { UserExport } from "./user-export.do.ts";

const app = createService<Env>({
  settings: readSettings,
  health: { database: (env) => new EntriesRepo(env.DB).ping() },
});
app.route("/api/audit/logs", logRoutes);
app.route("/api/users/me/export", startExportRoutes);
app.route("/api/exports", exportRoutes);
app.route("/api/admin/events", setAsideRoutes);
servePapers(app, card, readSettings);

export default { fetch: app.fetch, queue: consume } satisfies ExportedHandler<Env>;

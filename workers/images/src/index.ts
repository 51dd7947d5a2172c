import { serveOpenApi } from "../../../shared/http/openapi.ts";
import { createService } from "../../../shared/http/service.ts";
import { DatabaseOutboxService } from "../../../shared/outbox/outbox-service.ts";
import { type Env, readSettings } from "./env.ts";
import { FilesRepo } from "./files.repo.ts";
import { Objects } from "./objects.ts";
import { deliveryRoutes } from "./routes/delivery.ts";
import { fileRoutes } from "./routes/files.ts";
import { imageRoutes } from "./routes/images.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { plainUploadRoutes, uploadRoutes } from "./routes/uploads.ts";

export { JobsService } from "./jobs-service.ts";
export { PersonalDataService } from "./personal-data-service.ts";
export { Relay } from "./relay.do.ts";

const app = createService<Env>({
  settings: readSettings,
  health: {
    database: (env) => new FilesRepo(env.DB).ping(),
    bucket: (env) => new Objects(env.BUCKET).ping(),
  },
});
app.route("/upload", plainUploadRoutes);
app.route("/api/upload", plainUploadRoutes);
app.route("/api", uploadRoutes);
app.route("/api/images", imageRoutes);
app.route("/api/files", fileRoutes);
app.route("/api/jobs", jobRoutes);
app.route("/uploads", deliveryRoutes);
serveOpenApi(app, "Images");

export default app;

/** Gives audit the events of this service. */
export class OutboxService extends DatabaseOutboxService<Env> {}

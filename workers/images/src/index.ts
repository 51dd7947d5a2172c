import { withDirectDoor } from "../../../shared/http/direct-door.ts";
import { servePapers } from "../../../shared/http/papers.ts";
import { createService } from "../../../shared/http/service.ts";
import { outboxGauges } from "../../../shared/outbox/gauges.ts";
import { DatabaseOutboxService } from "../../../shared/outbox/outbox-service.ts";
import { card } from "./card.ts";
import { consistencyFigures, consistencyGauges } from "./consistency/figures.ts";
import { type Env, readSettings } from "./env.ts";
import { FilesRepo } from "./files/files.repo.ts";
import { GRPC_PATH, grpcRoutes, protoRoutes } from "./grpc/routes.ts";
import { jobGauges } from "./jobs/job-gauges.ts";
import { OpenJobsRepo } from "./jobs/open-jobs.repo.ts";
import { consistencyRoutes } from "./routes/consistency.ts";
import { deliveryRoutes, linkDoor } from "./routes/delivery.ts";
import { fileRoutes } from "./routes/files.ts";
import { imageRoutes } from "./routes/images.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { liveRoutes } from "./routes/live.ts";
import { queueRoutes } from "./routes/queue.ts";
import { sharedRoutes } from "./routes/shared.ts";
import { shareRoutes } from "./routes/shares.ts";
import { plainUploadRoutes, RAW_DOORS, uploadRoutes } from "./routes/uploads.ts";
import { zipRoutes } from "./routes/zip.ts";
import { Objects } from "./storage/objects.ts";
import { tusRoutes } from "./tus/routes.ts";

export { ConsistencyCheck } from "./consistency/consistency-check.do.ts";
export { Delivery } from "./delivery/delivery-service.ts";
export { Feed } from "./feed/feed.do.ts";
export { ImagesService } from "./images/images-service.ts";
export { JobsService } from "./jobs/jobs-service.ts";
export { PersonalDataService } from "./personal-data/personal-data-service.ts";
export { Relay } from "./relay.do.ts";
export { UploadSession } from "./tus/upload-session.do.ts";

const app = createService<Env>({
  settings: readSettings,
  ownBodies: [GRPC_PATH],
  fileDoors: RAW_DOORS,
  health: {
    database: (env) => new FilesRepo(env.DB).ping(),
    bucket: (env) => new Objects(env.BUCKET).ping(),
  },
  figures: consistencyFigures,
  gauges: async (env) => [
    ...(await outboxGauges(env)),
    ...(await jobGauges(new OpenJobsRepo(env.DB))),
    ...(await consistencyGauges(env)),
  ],
});
app.route("/upload", plainUploadRoutes);
app.route("/api/upload", plainUploadRoutes);
app.route("/api", uploadRoutes);
app.route("/api/images/events", liveRoutes);
app.route("/api/images", imageRoutes);
app.route("/api/files/zip", zipRoutes);
app.route("/api/files", fileRoutes);
app.route("/api/files", shareRoutes);
app.route("/api/jobs", jobRoutes);
app.route("/api/admin/fsck", consistencyRoutes);
app.route("/api/admin", queueRoutes);
app.route("/api/uploads", tusRoutes);
app.route("/uploads", deliveryRoutes);
app.route("/s", sharedRoutes);
app.route("/", grpcRoutes);
app.route("/grpc", protoRoutes);
servePapers(app, card, readSettings);

export default withDirectDoor(app, linkDoor);

/** Gives audit the events of this service. */
export class OutboxService extends DatabaseOutboxService<Env> {}

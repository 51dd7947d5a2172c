import * as z from "zod";
import type { AuthApi, EventsWaiting, ResizeNudge } from "../../../shared/contracts/rpc.ts";
import { FORMATS } from "../../../shared/contracts/variants.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import type { RelayBindings } from "../../../shared/outbox/relay.do.ts";
import {
  commonSettings,
  optionalSecret,
  positiveInteger,
  publicOrigin,
  secret,
  settingsReader,
} from "../../../shared/settings.ts";
import type { ConsistencyCheck } from "./consistency/consistency-check.do.ts";
import type { Feed } from "./feed/feed.do.ts";
import { STRIP_MODES } from "./privacy/leaving.ts";
import type { Relay } from "./relay.do.ts";
import type { UploadSession } from "./tus/upload-session.do.ts";

export interface Env extends ServiceBindings, RelayBindings {
  DB: D1Database;
  PUBLISHED_KEYS: KVNamespace;
  BUCKET: R2Bucket;
  RELAY: DurableObjectNamespace<Relay>;
  UPLOADS: DurableObjectNamespace<UploadSession>;
  CONSISTENCY: DurableObjectNamespace<ConsistencyCheck>;
  FEEDS: DurableObjectNamespace<Feed>;
  EVENTS: Queue<EventsWaiting>;
  RESIZE: Queue<ResizeNudge>;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
  /** The origin of absolute URLs; empty for the request's own. */
  PUBLIC_ORIGIN: string;
  /** Largest file that is taken, in bytes. */
  MAX_UPLOAD_BYTES: string;
  /** What every key of the bucket begins with; empty for nothing. */
  STORAGE_PATH: string;
  /** What the sizes of new photos are stored as: `webp`, `jpeg`, or both with a comma between. */
  VARIANT_FORMATS: string;
  /** Who is sent originals without their metadata: `shared` all but their owner, `always` everybody, `never` nobody. */
  STRIP_METADATA: string;
  /** Milliseconds without a sign of life after which a resize attempt counts as dead. */
  JOB_LEASE_MS: string;
  /** Signs the links to bytes. */
  SIGNING_SECRET: string;
  /** The `SIGNING_SECRET` before this one: the links that it signed work until they run out. */
  SIGNING_SECRET_PREVIOUS?: string;
}

const storagePath = z
  .string()
  .regex(/^([\w.-]+(\/[\w.-]+)*\/?)?$/, "write a path such as halftone/uploads, or nothing")
  .transform((text) => text.replace(/\/$/, ""));

const variantFormats = z
  .enum(["webp", "jpeg", "webp,jpeg", "jpeg,webp"], "write webp, jpeg or webp,jpeg")
  .transform((text) => FORMATS.filter((format) => text.split(",").includes(format)));

export const readSettings = settingsReader(
  z.object({
    ...commonSettings,
    OUTBOX_LEASE_MS: positiveInteger,
    JOB_LEASE_MS: positiveInteger,
    MAX_UPLOAD_BYTES: positiveInteger,
    PUBLIC_ORIGIN: publicOrigin,
    STORAGE_PATH: storagePath,
    VARIANT_FORMATS: variantFormats,
    STRIP_METADATA: z.enum(STRIP_MODES, "write shared, always or never"),
    SIGNING_SECRET: secret,
    SIGNING_SECRET_PREVIOUS: optionalSecret,
  }),
);

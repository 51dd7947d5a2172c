import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "images",
  purpose:
    "Files and photos: takes them in, keeps their rows and bytes, hands out resize jobs, serves bytes by signed URLs.",
  language: LANGUAGE,
  communication: [
    "HTTP behind the gateway: raw bodies, multipart forms, resumable uploads (tus 1.0), JSON",
    "gRPC halftone.images.v1.ImageDelivery, as Connect, gRPC-Web and JSON",
    "Server-sent events: how one's photos get on",
    "RPC JobsService for the resizer: claim, read, store, complete, fail",
    "RPC OutboxService and PersonalDataService for audit",
    "queues halftone-resize and halftone-events: say that a job or an event waits",
  ],
  storage: [
    "D1 halftone-images: files, images, sizes, jobs, outbox",
    "Durable Object Feed: one for each user, with the last updates of their photos",
    "Durable Object UploadSession: one for each resumable upload, with the bytes after its last part",
    "R2 halftone-images: originals and sizes, each under a key that is written once",
  ],
  security: [
    "What a file is, its content says, never its name or declared type",
    "Every URL is signed (HMAC-SHA-256) over key, type, ETag and expiry",
    "Somebody else's file is answered like one that does not exist",
    "Bytes are sent with nosniff, a sandbox policy, and as attachments unless they are pictures",
  ],
  pattern: "Job table with leases and attempt ids; the row is the truth and a message a nudge",
};

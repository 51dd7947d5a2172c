import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "audit",
  purpose: "Writes down who did what: the log of every account, append only, and the export of everything about one.",
  language: LANGUAGE,
  communication: [
    "HTTP behind the gateway: JSON",
    "Consumes the queue halftone-events",
    "Takes events by RPC from auth, images, orders and webhooks, and hands them on to webhooks",
    "Collects and erases personal data by RPC from every service that has any",
  ],
  storage: [
    "Durable Object per account: its log, counted without a gap",
    "Durable Object per user: exports",
    "D1 halftone-audit: the same entries, to be searched",
  ],
  security: [
    "Entries are inserted and read, never changed",
    "One reads one's own log; anybody else's is answered like none",
    "An event leaves its service only when it stands in the log",
  ],
  pattern: "Single writer per log; pull of events with acknowledgement (transactional outbox)",
};

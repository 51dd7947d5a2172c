import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "resizer",
  purpose: "Pixels: takes the original of a job, makes every size of it, hands them back.",
  language: LANGUAGE,
  communication: [
    "Consumes the queue halftone-resize",
    "Calls JobsService of images by RPC; all bytes travel that way",
    "Offers nothing but its health",
  ],
  storage: ["None"],
  security: [
    "Holds no secret and no binding but images",
    "Pictures are admitted by their headers before they are decoded, within 80 MiB of memory",
    "Metadata and colour profiles do not reach the sizes",
  ],
  pattern: "Pipeline: decode and scale, orient, then each size from the next larger one",
};

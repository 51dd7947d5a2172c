import type { ErasureView } from "../../../../shared/contracts/personal-data.ts";
import type { Erasure } from "./erasures.repo.ts";

/** How far an erasure is. It is done when its last service was. */
export function viewErasure({ id, userId, startedAt, parts }: Erasure): ErasureView {
  const services: ErasureView["services"] = {
    auth: "waiting",
    images: "waiting",
    orders: "waiting",
    audit: "waiting",
    webhooks: "waiting",
  };
  let doneAt: string | null = startedAt;
  for (const part of parts) {
    if (part.doneAt !== null) services[part.service] = "done";
    doneAt = later(doneAt, part.doneAt);
  }
  return { id, userId, status: doneAt === null ? "erasing" : "done", services, startedAt, doneAt };
}

/** The later of two times, null as long as one of them has not come. ISO 8601 in UTC compares as text. */
function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return a > b ? a : b;
}

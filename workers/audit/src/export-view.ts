import type { ExportView } from "../../../shared/contracts/personal-data.ts";
import type { ExportState } from "./user-export.do.ts";

const iso = (ms: number) => new Date(ms).toISOString();

export function viewExport({ job, parts }: ExportState): ExportView {
  const { id, userId, status, reason, startedAt, doneAt, expiresAt } = job;
  const path = `/api/exports/${id}`;
  return {
    id,
    userId,
    status,
    reason,
    parts: parts.map(({ service, isDone, records, bytes }) => ({
      service,
      status: isDone ? "done" : "waiting",
      records,
      bytes,
      url: `${path}/${service}.ndjson`,
    })),
    photosUrl: `${path}/photos.zip`,
    startedAt: iso(startedAt),
    doneAt: doneAt === null ? null : iso(doneAt),
    expiresAt: iso(expiresAt),
  };
}

import { type Context, Hono } from "hono";
import { DataService, ExportView } from "../../../../shared/contracts/personal-data.ts";
import { type Actor, requires } from "../../../../shared/http/identity.ts";
import { BYTES, describe, TEXT } from "../../../../shared/http/openapi.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { isId, newId } from "../../../../shared/ids.ts";
import type { Env } from "../env.ts";
import { viewExport } from "../export-view.ts";
import type { ExportState } from "../user-export.do.ts";

type ExportContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;

const NO_STORE = { "Cache-Control": "no-store" };

/** `/api/users/me/export`: asks for a copy of everything about oneself, and finds it again. */
export const startExportRoutes = new Hono<{ Bindings: Env }>();

startExportRoutes.post(
  "/",
  describe({
    summary: "Start an export of everything about your account; while one is running, that one is answered",
    tags: ["exports"],
    responds: { 202: ExportView },
    sends: { 202: ["Location"] },
  }),
  requires("credentials:manage"),
  async (c) => {
    const { actor } = c.var;
    // Plain fields: an actor's set of permissions is of no use to the object.
    const { userId, sessionId, keyId, ip, userAgent, requestId } = actor;
    const origin = { userId, sessionId, keyId, ip, userAgent, requestId };
    const state = await c.env.EXPORTS.getByName(userId).start(userId, newId(), origin);
    return c.json(viewExport(state), 202, { Location: `/api/exports/${state.job.id}`, ...NO_STORE });
  },
);

startExportRoutes.get(
  "/",
  describe({ summary: "Read how far your latest export is", tags: ["exports"], responds: { 200: ExportView } }),
  requires("credentials:manage"),
  async (c) => {
    const state = await c.env.EXPORTS.getByName(c.var.actor.userId).latest();
    return state === null ? refuseUnknown(c) : c.json(viewExport(state), 200, NO_STORE);
  },
);

/** `/api/exports`: one's own. An export lies in its user's object, so nobody else's can even be asked for. */
export const exportRoutes = new Hono<{ Bindings: Env }>();

exportRoutes.get(
  "/:id",
  describe({ summary: "How far your export is", tags: ["exports"], responds: { 200: ExportView } }),
  requires("credentials:manage"),
  async (c) => {
    const state = await ownExport(c);
    return state === null ? refuseUnknown(c) : c.json(viewExport(state), 200, NO_STORE);
  },
);

exportRoutes.get(
  "/:id/photos.zip", // Before `/:part`: it is no service's part.
  describe({
    summary: "Download all your files as they were uploaded",
    tags: ["exports"],
    responds: { 200: { says: "A zip, made while it is sent", content: { "application/zip": BYTES } } },
  }),
  requires("credentials:manage"),
  async (c) => {
    const state = await ownExport(c);
    if (state === null) return refuseUnknown(c);
    const zip = await c.env.IMAGES_PERSONAL_DATA.openPhotosZip(c.var.actor.userId);
    return c.body(zip, 200, download("application/zip", "photos.zip"));
  },
);

exportRoutes.get(
  "/:id/:part",
  describe({
    summary: "Download one service's part of your export",
    tags: ["exports"],
    responds: { 200: { says: "JSON lines", content: { "application/x-ndjson": TEXT } } },
  }),
  requires("credentials:manage"),
  async (c) => {
    const service = DataService.safeParse(/^(\w+)\.ndjson$/.exec(c.req.param("part"))?.[1]);
    const state = service.success ? await ownExport(c) : null;
    const part = state?.parts.find((candidate) => candidate.service === service.data);
    if (state === null || part === undefined) return refuseUnknown(c);
    if (!part.isDone || state.job.status === "failed") {
      return refuse(c, { code: "not_ready", detail: state.job.reason ?? "This part is being collected." });
    }
    const lines = linesOf(c.env.EXPORTS.getByName(c.var.actor.userId), state.job.id, part.service);
    return c.body(lines, 200, download("application/x-ndjson", `${part.service}.ndjson`));
  },
);

async function ownExport(c: ExportContext): Promise<ExportState | null> {
  const id = c.req.param("id") ?? "";
  return isId(id) ? c.env.EXPORTS.getByName(c.var.actor.userId).find(id) : null;
}

function download(type: string, name: string) {
  return { "Content-Type": type, "Content-Disposition": `attachment; filename="${name}"`, ...NO_STORE };
}

/** A part page by page, each fetched when the reader has taken the one before. */
function linesOf(
  home: { chunk(id: string, service: DataService, number: number): Promise<string | null> },
  id: string,
  service: DataService,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let number = 0;
  return new ReadableStream({
    async pull(controller) {
      const lines = await home.chunk(id, service, number);
      number += 1;
      if (lines === null) controller.close();
      else controller.enqueue(encoder.encode(lines));
    },
  });
}

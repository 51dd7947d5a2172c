import { type Context, Hono } from "hono";
import * as z from "zod";
import {
  ExpandedImageList,
  ImageChanges,
  ImageDetails,
  ImageList,
  ImageStatusView,
  JobView,
} from "../../../../shared/contracts/images.ts";
import { SIZES } from "../../../../shared/contracts/variants.ts";
import { type Actor, refuseUnscoped, requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPageBy, PAGE_HEADERS } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { etagOf } from "../../../../shared/http/version-tag.ts";
import { Signing } from "../delivery/link-life.ts";
import { type Env, readSettings } from "../env.ts";
import { deleteFile } from "../files/delete-file.ts";
import { summariseImage, viewImage, viewJob, viewListedImage, viewStatus } from "../files/view.ts";
import { cursorBehind, ImageQuery } from "../images/image-list.ts";
import { ImagesRepo, type WholeImage } from "../images/images.repo.ts";
import { retryImage } from "../images/retry-image.ts";
import {
  changeOf,
  commitOf,
  deleteDeps,
  linkOf,
  mayChange,
  originOf,
  ownFile,
  ownImage,
  ownWholeImage,
  READS_IF_MATCH,
} from "./context.ts";
import { FOR_OWNER, SENDS_BYTES } from "./send-bytes.ts";
import { SENDS_SIZE, sendSize } from "./send-size.ts";

type ImageRoutesContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;

/** `/api/images`: photos and their sizes. */
export const imageRoutes = new Hono<{ Bindings: Env }>();

imageRoutes.get(
  "/",
  describe({
    summary: "List your photos, newest first, with all their sizes where `expand=sizes`",
    tags: ["images"],
    responds: { 200: z.union([ImageList, ExpandedImageList]) },
    sends: PAGE_HEADERS,
  }),
  requires("images:read"),
  query(ImageQuery),
  async (c) => {
    const { expand, sign, ...listing } = c.req.valid("query");
    const { limit, sort } = listing;
    const repo = new ImagesRepo(c.env.DB);
    const { userId } = c.var.actor;
    if (expand === undefined) {
      const found = await repo.listOf(userId, listing);
      const page = cutPageBy(c, found, limit, (image) => cursorBehind(sort, image));
      return c.json({ images: page.map(summariseImage) });
    }
    const found = await repo.listWholeOf(userId, listing);
    const page = cutPageBy(c, found, limit, ({ image }) => cursorBehind(sort, image));
    const link = linkOf(c, sign);
    const strip = readSettings(c.env).STRIP_METADATA;
    return c.json({ images: page.map((whole) => viewListedImage(whole, link, strip)) });
  },
);

imageRoutes.get(
  "/:id",
  describe({
    summary: "Read a photo with all its sizes",
    tags: ["images"],
    responds: { 200: ImageDetails },
    sends: { 200: ["ETag"] },
  }),
  requires("images:read"),
  query(Signing),
  async (c) => {
    const whole = await ownWholeImage(c);
    return whole === null ? refuseUnknown(c) : answerImage(c, whole, c.req.valid("query").sign);
  },
);

imageRoutes.get(
  "/:id/status",
  describe({ summary: "Read how far a photo is", tags: ["images"], responds: { 200: ImageStatusView } }),
  requires("images:read"),
  async (c) => {
    const image = await ownImage(c);
    return image === null ? refuseUnknown(c) : c.json(viewStatus(image));
  },
);

imageRoutes.post(
  "/:id/retry",
  describe({
    summary: "Try a failed photo, or its failed JPEG sizes, again",
    tags: ["images"],
    responds: { 202: JobView },
    sends: { 202: ["Location"] },
  }),
  requires("images:write"),
  async (c) => {
    const image = await ownImage(c);
    if (image === null) return refuseUnknown(c);
    const formats = readSettings(c.env).VARIANT_FORMATS;
    const deps = { images: new ImagesRepo(c.env.DB), commit: commitOf(c), formats, origin: originOf(c) };
    const restarted = await retryImage(deps, image);
    if (!restarted.ok) return restarted.failure.code === "not_found" ? refuseUnknown(c) : refuse(c, restarted.failure);
    return c.json(viewJob(restarted.value), 202, { Location: `/api/jobs/${restarted.value.id}` });
  },
);

imageRoutes.get(
  "/:id/:size",
  describe({
    summary: "Read the bytes of one size, in the format that Accept asks for",
    tags: ["images"],
    ...SENDS_BYTES,
    responds: SENDS_SIZE,
  }),
  requires("images:read"),
  async (c) => {
    const size = z.enum(SIZES).safeParse(c.req.param("size"));
    const whole = await ownWholeImage(c);
    if (whole === null || !size.success) return refuseUnknown(c);
    return sendSize(c, whole, size.data, FOR_OWNER);
  },
);

imageRoutes.patch(
  "/:id",
  describe({
    summary: "Rename a photo, or say who may read it",
    tags: ["images"],
    responds: { 200: ImageDetails },
    sends: { 200: ["ETag"] },
    headers: READS_IF_MATCH,
  }),
  requires("images:write"),
  jsonBody(ImageChanges),
  async (c) => {
    if (!mayChange(c.var.actor, c.req.valid("json"))) return refuseUnscoped(c, "images:share");
    const found = await ownWholeImage(c);
    if (found === null) return refuseUnknown(c);
    const { originalName: name, visibility } = c.req.valid("json");
    const changed = await changeOf(c, found.file, { name, visibility });
    if (!changed.ok) return refuse(c, changed.failure);
    const file = changed.value;
    return answerImage(c, { ...found, file, image: { ...found.image, originalName: file.name } });
  },
);

imageRoutes.delete(
  "/:id",
  describe({ summary: "Delete a photo and all its sizes", tags: ["images"], responds: { 204: "Deleted" } }),
  requires("images:write"),
  async (c) => {
    const image = await ownImage(c);
    const file = image === null ? null : await ownFile(c, c.var.actor);
    if (file === null) return refuseUnknown(c);
    const deleted = await deleteFile(deleteDeps(c), c.var.actor, file);
    return deleted.ok ? c.body(null, 204) : refuse(c, deleted.failure);
  },
);

/** @param seconds how long the links work at least */
function answerImage(c: ImageRoutesContext, whole: WholeImage, seconds?: number): Response {
  return c.json(viewImage(whole, linkOf(c, seconds), readSettings(c.env).STRIP_METADATA), 200, {
    ETag: etagOf(whole.file),
  });
}

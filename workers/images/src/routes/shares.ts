import { Hono } from "hono";
import * as z from "zod";
import { CreatedShare, NewShare, ShareView } from "../../../../shared/contracts/shares.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { optionalJsonBody, query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import type { Env } from "../env.ts";
import { FilesRepo } from "../files/files.repo.ts";
import { viewShare } from "../files/view.ts";
import type { Share } from "../schema.ts";
import { revokeShare } from "../shares/revoke-share.ts";
import { shareFile } from "../shares/share-file.ts";
import { SharesRepo } from "../shares/shares.repo.ts";
import { commitOf, type OwnerContext, ownFile, publicOriginOf } from "./context.ts";

/** `/api/files/:id/shares`: links that can be taken back. */
export const shareRoutes = new Hono<{ Bindings: Env }>();

shareRoutes.post(
  "/:id/shares",
  describe({
    summary: "Share a file or one size of a photo by a link that can be taken back",
    tags: ["shares"],
    responds: { 201: CreatedShare },
    sends: { 201: ["Location"] },
  }),
  requires("images:share"),
  optionalJsonBody(NewShare),
  async (c) => {
    const file = await ownFile(c, c.var.actor);
    if (file === null) return refuseUnknown(c);
    const deps = { files: new FilesRepo(c.env.DB), shares: new SharesRepo(c.env.DB), commit: commitOf(c) };
    const shared = await shareFile(deps, c.var.actor, file, c.req.valid("json"));
    if (!shared.ok) return refuse(c, shared.failure);
    const { share, token } = shared.value;
    const created: CreatedShare = { ...viewShare(share), url: `${publicOriginOf(c)}/s/${token}` };
    return c.json(created, 201, { Location: `/api/files/${file.id}/shares/${share.id}` });
  },
);

shareRoutes.get(
  "/:id/shares",
  describe({
    summary: "List a file's shares, newest first",
    tags: ["shares"],
    responds: { 200: z.array(ShareView) },
    sends: PAGE_HEADERS,
  }),
  requires("images:read"),
  query(Paging),
  async (c) => {
    const file = await ownFile(c, c.var.actor);
    if (file === null) return refuseUnknown(c);
    const paging = c.req.valid("query");
    const found = await new SharesRepo(c.env.DB).listOf(file.id, paging);
    return c.json(cutPage(c, found, paging).map(viewShare));
  },
);

shareRoutes.get(
  "/:id/shares/:shareId",
  describe({ summary: "Read how often a share was used", tags: ["shares"], responds: { 200: ShareView } }),
  requires("images:read"),
  async (c) => {
    const share = await ownShare(c);
    return share === null ? refuseUnknown(c) : c.json(viewShare(share));
  },
);

shareRoutes.delete(
  "/:id/shares/:shareId",
  describe({ summary: "Take a share back", tags: ["shares"], responds: { 204: "Its link opens nothing any more" } }),
  requires("images:share"),
  async (c) => {
    const share = await ownShare(c);
    if (share === null) return refuseUnknown(c);
    const deps = { shares: new SharesRepo(c.env.DB), commit: commitOf(c) };
    const revoked = await revokeShare(deps, c.var.actor, share);
    return revoked.ok ? c.body(null, 204) : refuseUnknown(c);
  },
);

/** The share of the path, null unless it is of a file of the actor's own. */
async function ownShare(c: OwnerContext): Promise<Share | null> {
  const file = await ownFile(c, c.var.actor);
  const shareId = c.req.param("shareId") ?? "";
  return file === null || !isId(shareId) ? null : new SharesRepo(c.env.DB).find(file.id, shareId);
}

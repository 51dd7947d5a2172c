import { Hono } from "hono";
import { welcomes } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { type Env, readSettings } from "../env.ts";
import { FilesRepo } from "../files.repo.ts";
import { isStoredFor } from "../keys.ts";
import { type LinkClaims, readLink } from "../signing.ts";
import { type ImagesContext, ownFile } from "./context.ts";
import { SENDS_BYTES, type Sendable, sendBytes, sendOriginal } from "./send-bytes.ts";

/** `/uploads/:id`: bytes for whoever holds a link, and for their owner. */
export const deliveryRoutes = new Hono<{ Bindings: Env }>();

deliveryRoutes.get(
  "/:id",
  describe({
    summary: "Read stored bytes by a signed link, or as their owner",
    tags: ["delivery"],
    ...SENDS_BYTES,
    queries: {
      key: "of a signed link, as are the others: take the whole `url` of an answer as it is",
      type: "the content type",
      etag: "the strong ETag",
      name: "the name the bytes are saved under",
      cuts: "what of the bytes is left out",
      expires: "Unix seconds until which the link works",
      signature: "HMAC-SHA-256 over all the others",
    },
  }),
  async (c, next) => {
    const query = new URL(c.req.url).searchParams;
    if (!query.has("signature")) return next();
    const claims = await readLink(readSettings(c.env), c.req.param("id"), query);
    return claims === null ? refuseUnknown(c) : followLink(c, claims);
  },
  welcomes("images:read"),
  async (c) => {
    const { actor } = c.var;
    const file = actor === null ? null : await ownFile(c, actor);
    return file === null ? refuseUnknown(c) : sendOriginal(c, file);
  },
);

/** A good signature is all it takes: no database, no session. */
async function followLink(c: ImagesContext, claims: LinkClaims): Promise<Response> {
  const secondsLeft = claims.expires - Math.floor(Date.now() / 1_000);
  if (secondsLeft <= 0) return refuse(c, { code: "forbidden", detail: "This link has run out." });
  const object = isStoredFor(claims.fileId, claims.key) ? claims : await findBorrowed(c, claims);
  return object === null ? refuseUnknown(c) : sendBytes(c, object, `private, max-age=${secondsLeft}, immutable`);
}

/** An object that was stored for another file with the same bytes outlives this one: only the row tells. */
async function findBorrowed(c: ImagesContext, claims: LinkClaims): Promise<Sendable | null> {
  const file = await new FilesRepo(c.env.DB).find(claims.fileId);
  return file === null ? null : { ...claims, key: file.key, etag: file.etag };
}

import { Hono } from "hono";
import * as z from "zod";
import { SIZES } from "../../../../shared/contracts/variants.ts";
import type { DirectDoor } from "../../../../shared/http/direct-door.ts";
import { type Actor, welcomes } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import { type LinkClaims, readLink, readQuery } from "../delivery/signing.ts";
import { type Env, readSettings } from "../env.ts";
import { FilesRepo } from "../files/files.repo.ts";
import type { StoredFile } from "../schema.ts";
import { isStoredFor } from "../storage/keys.ts";
import { anyFile, anyWholeImage } from "./context.ts";
import {
  type Audience,
  FOR_EVERYBODY,
  FOR_OWNER,
  forLink,
  SENDS_BYTES,
  sendBytes,
  sendOriginal,
  sendPresent,
} from "./send-bytes.ts";
import { SENDS_SIZE, sendSize } from "./send-size.ts";

/** `/uploads/:id`: bytes for whoever holds a link, for their owner, and for everybody where they are public. */
export const deliveryRoutes = new Hono<{ Bindings: Env }>();

deliveryRoutes.get(
  "/:id",
  describe({
    summary: "Read stored bytes by a signed link, as their owner, or as anybody where they are public",
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
  welcomes("images:read"),
  async (c) => {
    const file = await anyFile(c);
    const audience = audienceOf(c.var.actor, file);
    if (file === null || audience === null) return refuseUnknown(c);
    return unsigned(await sendOriginal(c, file, audience));
  },
);

deliveryRoutes.get(
  // A path with more segments is no other place: it is answered like any id that there is not.
  "/:id/:size{[^]*}",
  describe({
    summary: "Read one size of a public photo, or of your own, in the format that Accept asks for",
    tags: ["delivery"],
    ...SENDS_BYTES,
    responds: SENDS_SIZE,
  }),
  welcomes("images:read"),
  async (c) => {
    const size = z.enum(SIZES).safeParse(c.req.param("size"));
    const whole = size.success ? await anyWholeImage(c) : null;
    const audience = audienceOf(c.var.actor, whole?.file ?? null);
    if (whole === null || audience === null || !size.success) return refuseUnknown(c);
    return unsigned(await sendSize(c, whole, size.data, audience));
  },
);

/** `/uploads/:id` with a signature. */
const PATTERN = "/uploads/:id";
/** The id and the query of a request that follows a link. */
const LINK = /^[a-z]+:\/\/[^/]+\/uploads\/([^/?#]+)\?([^#]*)/;

/** Signed links, past the app: a gallery follows a hundred of them at once. */
export const linkDoor: DirectDoor<Env> = {
  open({ method, url }) {
    if (method !== "GET" && method !== "HEAD") return null;
    const [, id, text] = LINK.exec(url) ?? [];
    const query = text === undefined ? null : readQuery(text);
    if (id === undefined || query === null || !query.has("signature")) return null;
    return { path: `/uploads/${id}`, pattern: PATTERN, answer: (visit) => followLink(visit, id, query) };
  },
  // Of what went well the gateway's line says as much, under the same id: a hundred photos need no two hundred lines.
  levelOf: (status) => (status < 400 ? "debug" : "info"),
};

/** A good signature is all it takes: no database, no session. */
async function followLink(c: Visit<Env>, id: string, query: ReadonlyMap<string, string>): Promise<Response> {
  const claims = await readLink(readSettings(c.env), id, query);
  if (claims === null) return refuseUnknown(c);
  const secondsLeft = claims.expires - Math.floor(Date.now() / 1_000);
  if (secondsLeft <= 0) return refuse(c, { code: "forbidden", detail: "This link has run out." });
  const audience = forLink(secondsLeft);
  return isStoredFor(claims.fileId, claims.key) ? sendBytes(c, claims, audience) : sendBorrowed(c, claims, audience);
}

/** An object that was stored for another file with the same bytes outlives this one: only the row tells. */
async function sendBorrowed(c: Visit<Env>, claims: LinkClaims, audience: Audience): Promise<Response> {
  const file = await new FilesRepo(c.env.DB).find(claims.fileId);
  if (file === null) return refuseUnknown(c);
  return sendPresent(c, file, ({ key, etag }) => sendBytes(c, { ...claims, key, etag }, audience));
}

/** As whom somebody may read a file without a link; null where they may not. */
function audienceOf(actor: Actor | null, file: StoredFile | null): Audience | null {
  if (file !== null && file.userId === actor?.userId) return FOR_OWNER;
  return file?.visibility === "public" ? FOR_EVERYBODY : null;
}

/** Under one address the owner is answered otherwise than everybody else, whatever they prove themselves by. */
function unsigned(answer: Response): Response {
  answer.headers.append("Vary", "Authorization, Cookie, X-API-Key");
  return answer;
}

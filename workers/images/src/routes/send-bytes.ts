import { BYTES, refusal } from "../../../../shared/http/openapi.ts";
import { problemStatus, refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import { type Outgoing, prepareOutgoing } from "../delivery/outgoing.ts";
import { parseRange } from "../delivery/range.ts";
import type { Sight } from "../delivery/sightings.ts";
import { type Env, readSettings } from "../env.ts";
import { writeDisposition } from "../files/disposition.ts";
import { FilesRepo } from "../files/files.repo.ts";
import { withPresentObject } from "../files/present-object.ts";
import { cutsForOthers, cutsForOwner } from "../privacy/leaving.ts";
import type { StoredFile } from "../schema.ts";
import { Objects } from "../storage/objects.ts";

/** Bytes in the bucket, and what their answer says of them. */
export interface Sendable {
  key: string;
  mimeType: string;
  etag: string;
  /** The name they are saved under. */
  name: string;
  /** What is left out of them, in its text form; absent where they go out whole. */
  cuts?: string;
}

/** Whom bytes are sent to. */
export interface Audience {
  cacheControl: string;
  /** Whoever is not is sent what may leave for others, on any page. */
  isOwner: boolean;
  /**
   * Whether a 304 says by `Age` how long ago the object was seen in the bucket (RFC 9111 §5.1), so that nobody on the
   * way goes on with it for longer. Elsewhere the answer rests on a row that was read just now.
   */
  tellsAge?: true;
}

/** What sending bytes needs of a request: it may come through the app or past it. */
export type BytesVisit = Pick<Visit<Env>, "env" | "req"> & { var: { requestId: string } };

/** Who proves to be the owner is asked again each time, but need not be sent the same bytes again. */
export const FOR_OWNER: Audience = { cacheControl: "private, no-cache", isOwner: true };

/** The same for who holds a share: it is looked up each time, so that one that was taken back opens nothing. */
export const FOR_SHARE: Audience = { cacheControl: "private, no-cache", isOwner: false };

/** What is public may be made private: half a minute later no cache has it any more, nor one behind that. */
export const FOR_EVERYBODY: Audience = { cacheControl: "public, max-age=30", isOwner: false };

/** A link's bytes never change, and it opens them until it runs out. */
export function forLink(secondsLeft: number): Audience {
  return { cacheControl: `private, max-age=${secondsLeft}, immutable`, isOwner: false, tellsAge: true };
}

const STORED_BYTES = { "image/*": BYTES, "application/octet-stream": BYTES };

/** How a route that sends bytes describes itself. */
export const SENDS_BYTES = {
  responds: {
    200: { says: "The bytes", content: STORED_BYTES },
    206: { says: "The part that Range names", content: STORED_BYTES },
    304: "The client has them already",
    409: refusal("Its metadata cannot be cut out of the file"),
  },
  sends: { 200: ["ETag"], 206: ["ETag"], 304: ["ETag"] } as const,
  headers: {
    Range: "one range of bytes (RFC 9110 §14.2)",
    "If-Range": "the `ETag` of the part that is there already",
    "If-None-Match": "the `ETag` of the bytes that are there already",
  },
};

/** What a browser may show by itself. Everything else is saved: it could carry scripts. */
const SHOWN_INLINE = ["image/jpeg", "image/png", "image/webp"];

/** Answers with stored bytes: whole, in part (RFC 9110 §14), or not at all where the client has them (§13.1.2). */
export async function sendBytes(c: BytesVisit, object: Sendable, audience: Audience): Promise<Response> {
  const objects = new Objects(c.env.BUCKET);
  const prepared = await prepareOutgoing(objects, object);
  if (!prepared.ok) return prepared.failure.code === "not_found" ? refuseUnknown(c) : refuse(c, prepared.failure);
  const outgoing = prepared.value;
  const headers = describeBytes({ ...object, etag: outgoing.etag }, audience);
  const known = isKnown(c.req.raw, outgoing.etag) ? await outgoing.measure() : null;
  // A link outlives what it opens: the copy of what was deleted is not confirmed.
  if (known !== null) return new Response(null, { status: 304, headers: { ...headers, ...ageOf(known, audience) } });

  const rangeHeader = wantedRange(c.req.raw, outgoing.etag);
  if (c.req.raw.method === "HEAD" || rangeHeader !== null) {
    const sight = await outgoing.measure();
    if (sight === null) return refuseUnknown(c);
    if (rangeHeader !== null) return sendRange(c, outgoing, rangeHeader, sight.bytes, headers);
    const length = { "Content-Length": String(sight.bytes) };
    return new Response(null, { headers: { ...headers, ...length } });
  }
  const opened = await outgoing.open(null);
  if (opened === null) return refuseUnknown(c);
  const length = { "Content-Length": String(opened.bytes) };
  return new Response(opened.body, { headers: { ...headers, ...length } });
}

/** Nothing where it was seen just now. */
function ageOf({ at }: Pick<Sight, "at">, { tellsAge }: Audience): { Age?: string } {
  const seconds = Math.floor((Date.now() - at) / 1_000);
  return tellsAge === true && seconds > 0 ? { Age: String(seconds) } : {};
}

/** Answers with an upload, for its owner as it came unless `STRIP_METADATA` says otherwise. */
export async function sendOriginal(c: BytesVisit, file: StoredFile, audience: Audience): Promise<Response> {
  if (file.lostAt !== null) {
    return refuse(c, { code: "original_lost", detail: `Found on ${file.lostAt}. Upload it again.` });
  }
  const mode = readSettings(c.env).STRIP_METADATA;
  const cuts = audience.isOwner ? cutsForOwner(mode, file.cuts) : cutsForOthers(mode, file.cuts);
  return sendPresent(c, file, (present) => sendBytes(c, { ...present, cuts }, audience));
}

/** Answers with the bytes of a row that was read just now, wherever they lie by the time they are opened. */
export async function sendPresent(
  c: BytesVisit,
  file: StoredFile,
  send: (file: StoredFile) => Promise<Response>,
): Promise<Response> {
  const findPresent = () => new FilesRepo(c.env.DB).find(file.id);
  const sent = await withPresentObject(findPresent, file, async (present) => {
    const answer = await send(present);
    return answer.status === problemStatus("not_found") ? null : answer;
  });
  return sent ?? refuseUnknown(c);
}

async function sendRange(
  c: BytesVisit,
  outgoing: Outgoing,
  header: string,
  size: number,
  headers: Record<string, string>,
): Promise<Response> {
  const range = parseRange(header, size);
  if (range === "unsatisfiable") {
    const failure = { code: "range_not_satisfiable", detail: `There are ${size} bytes.` } as const;
    return refuse(c, failure, { headers: { "Content-Range": `bytes */${size}` } });
  }
  const opened = await outgoing.open(range);
  if (opened === null) return refuseUnknown(c);
  const length = { "Content-Length": String(opened.bytes) };
  if (range === null) return new Response(opened.body, { headers: { ...headers, ...length } });
  const part = { "Content-Range": `bytes ${range.offset}-${range.offset + range.length - 1}/${size}` };
  return new Response(opened.body, { status: 206, headers: { ...headers, ...length, ...part } });
}

/** Plain fields, of which a `Response` makes its headers at once: each `Headers` before it is one more to collect. */
function describeBytes({ mimeType, etag, name }: Sendable, { cacheControl, isOwner }: Audience) {
  const kind = SHOWN_INLINE.includes(mimeType) ? "inline" : "attachment";
  return {
    "Content-Type": mimeType,
    "Content-Disposition": writeDisposition(kind, name),
    ETag: `"${etag}"`,
    "Cache-Control": cacheControl,
    "Accept-Ranges": "bytes",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    // Other people's pages may embed what a link opens. What a credential opens is for its bearer's own page, as is all
    // that brings no policy of its own.
    ...(!isOwner && { "Cross-Origin-Resource-Policy": "cross-origin" }),
  };
}

function isKnown({ headers }: Request, etag: string): boolean {
  const known = headers.get("If-None-Match");
  if (known === null) return false;
  return known.split(",").some((entry) => ["*", `"${etag}"`, `W/"${etag}"`].includes(entry.trim()));
}

/** The Range header, null where it does not count: on HEAD, or when the client's part is of other bytes (If-Range). */
function wantedRange({ headers, method }: Request, etag: string): string | null {
  const range = headers.get("Range");
  const condition = headers.get("If-Range");
  if (range === null || method === "HEAD") return null;
  return condition === null || condition === `"${etag}"` ? range : null;
}

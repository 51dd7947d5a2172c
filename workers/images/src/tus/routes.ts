import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import { drain } from "../../../../shared/http/drain.ts";
import { type Actor, requires } from "../../../../shared/http/identity.ts";
import { type AnswerHeader, BYTES, describe, hidden } from "../../../../shared/http/openapi.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import {
  type Attempt,
  answerOnce,
  READS_KEY,
  refuseInUse,
  TELLS_REPLAY,
} from "../../../../shared/idempotency/answer-once.ts";
import { isId } from "../../../../shared/ids.ts";
import { type Failure, fail } from "../../../../shared/result.ts";
import { type Env, readSettings } from "../env.ts";
import { type OwnerContext, originOf } from "../routes/context.ts";
import { tooLarge } from "../uploads/upload-refusal.ts";
import { BEGIN_ROUTE, pathOf } from "./addresses.ts";
import type { AppendRefusal } from "./append.ts";
import { beginUpload } from "./begin-upload.ts";
import { OFFSET_STREAM, readAppend, readCreation, TUS_EXTENSIONS, TUS_VERSION, uploadHeaders } from "./headers.ts";
import { OpenUploadsRepo } from "./open-uploads.repo.ts";
import { sessionOf } from "./session-of.ts";
import type { NewUpload, Sender, UploadState } from "./session-record.ts";

const RETRY_AFTER_SECONDS = "2";

/** How far an upload is. */
const UploadProgress = z
  .object({
    id: z.string(),
    /** Bytes that are kept. */
    offset: z.number().int(),
    /** Bytes of the whole file; null while the client does not know. */
    length: z.number().int().nullable(),
    /** When what came is thrown away, unless it is complete by then. */
    expires: z.string(),
    /** Null until every byte came. */
    fileId: z.string().nullable(),
    /** Null until then, and for files that are no photos. */
    imageId: z.string().nullable(),
    jobId: z.string().nullable(),
  })
  .meta({ ref: "UploadProgress" });

const SENT_HEADERS = [
  "Upload-Offset",
  "Upload-Length",
  "Upload-Expires",
  "X-File-Id",
  "X-Image-Id",
  "X-Job-Id",
] as const satisfies AnswerHeader[];

/** `/api/uploads`: files that may be sent in several goes (tus 1.0). A photo becomes an image. */
export const tusRoutes = new Hono<{ Bindings: Env }>();

/** Curl and the like need not say the version. Another one than ours is refused. */
const speaksTus = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  if ((c.req.header("Tus-Resumable") ?? TUS_VERSION) === TUS_VERSION) return next();
  const failure = { code: "unsupported_version", detail: `This is tus ${TUS_VERSION}.` } as const;
  return refuse(c, failure, { headers: { "Tus-Version": TUS_VERSION, "Tus-Resumable": TUS_VERSION } });
});

/** What the protocol can do here is nobody's secret, but no part of the document, which tells it better. */
tusRoutes.on("OPTIONS", ["/", "/:id"], Object.assign(tellAbilities, hidden));

tusRoutes.post(
  "/",
  describe({
    summary: "Begin an upload that may be sent in several goes (tus 1.0)",
    tags: ["files"],
    responds: { 201: "Begun; Location is where its bytes go" },
    sends: { 201: ["Location", TELLS_REPLAY, ...SENT_HEADERS] },
    takes: { [OFFSET_STREAM]: BYTES },
    mayLackBody: true,
    headers: {
      ...READS_KEY,
      "Tus-Resumable": "1.0.0",
      "Upload-Length": "bytes of the whole file",
      "Upload-Defer-Length": "1 where that is not known yet",
      "Upload-Metadata": "pairs of a key and base64; `filename` names the file",
    },
  }),
  requires("images:write"),
  speaksTus,
  async (c) => {
    const read = readCreation(c.req.raw.headers);
    if (!read.ok) return refuse(c, read.failure);
    const { MAX_UPLOAD_BYTES } = readSettings(c.env);
    if ((read.value.length ?? 0) > MAX_UPLOAD_BYTES) return refuse(c, tooLarge(MAX_UPLOAD_BYTES));
    const { length, metadata } = read.value;
    // Not the bytes that may come along: what is kept of them, the upload itself tells.
    const once = { route: BEGIN_ROUTE, sent: { content: [length, metadata] } };
    const answer = await answerOnce(c, once, (attempt) => begin(c, read.value, attempt));
    return answer.headers.has(TELLS_REPLAY) ? tellBegun(c, answer) : answer;
  },
);

type TusContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;

/** The answer is kept before the first byte is taken. A kill in between leaves an upload that nobody knows and that expires. */
async function begin(
  c: TusContext,
  asked: Pick<NewUpload, "length" | "name" | "metadata">,
  attempt: Attempt,
): Promise<Response> {
  const uploads = new OpenUploadsRepo(c.env.DB);
  const session = (id: string) => sessionOf(c.env, c.var.actor.userId, id);
  const { STORAGE_PATH: storagePath } = readSettings(c.env);
  const begun = await beginUpload({ uploads, session, storagePath }, senderOf(c), asked);
  if (!begun.ok) return refuse(c, begun.failure);
  const upload = begun.value;
  const location = { Location: pathOf(upload.id) };
  const kept = await attempt.keep({ status: 201, headers: location, body: "" });
  if (kept !== null && !(await uploads.keepAnswer(kept))) {
    await session(upload.id).terminate();
    return refuseInUse(c);
  }
  const { body } = c.req.raw;
  if (body === null || !isOffsetStream(c)) return c.body(null, 201, { ...uploadHeaders(upload), ...location });
  const appended = await session(upload.id).append({ offset: 0, length: null }, senderOf(c), body);
  if (appended.ok) return c.body(null, 201, { ...uploadHeaders(appended.value), ...location });
  const left = await session(upload.id).look();
  // Begun it is, however far its bytes came.
  return left === null ? refuseAppend(c, appended.failure) : c.body(null, 201, { ...uploadHeaders(left), ...location });
}

/** The address of the first answer, and how far the upload is by now: bytes that came along again are thrown away. */
async function tellBegun(c: TusContext, first: Response): Promise<Response> {
  const { body } = c.req.raw;
  if (body !== null) await drain(body[Symbol.asyncIterator](), readSettings(c.env).MAX_UPLOAD_BYTES);
  const location = first.headers.get("Location") ?? "";
  const left = await sessionOf(c.env, c.var.actor.userId, location.slice(location.lastIndexOf("/") + 1)).look();
  const state = left === null ? { "Tus-Resumable": TUS_VERSION } : uploadHeaders(left);
  return c.body(null, 201, { ...state, Location: location, [TELLS_REPLAY]: "true" });
}

tusRoutes.get(
  "/:id",
  describe({
    summary: "How far an upload is; HEAD is the protocol's way to ask where to go on",
    tags: ["files"],
    responds: { 200: UploadProgress },
    sends: { 200: SENT_HEADERS },
  }),
  requires("images:write"),
  speaksTus,
  async (c) => {
    const session = ownSession(c);
    const asksToGoOn = c.req.method === "HEAD";
    const state = await (asksToGoOn ? session?.resume() : session?.look());
    if (state === undefined || state === null) return refuseUnknown(c);
    return c.json(viewProgress(state), 200, uploadHeaders(state));
  },
);

tusRoutes.patch(
  "/:id",
  describe({
    summary: "Send bytes of an upload from an offset on; the answer to the last tells the file, image and job",
    tags: ["files"],
    responds: { 204: "Kept; Upload-Offset tells how much there is" },
    sends: { 204: SENT_HEADERS },
    takes: { [OFFSET_STREAM]: BYTES },
    headers: { "Tus-Resumable": "1.0.0", "Upload-Offset": "bytes that were kept so far" },
  }),
  requires("images:write"),
  speaksTus,
  async (c) => {
    const session = ownSession(c);
    if (session === null) return refuseUnknown(c);
    const read = isOffsetStream(c)
      ? readAppend(c.req.raw.headers)
      : fail("unsupported_media_type", `Send the bytes as ${OFFSET_STREAM}.`);
    // What is somebody else's is not there, whatever the headers say.
    if (!read.ok) return (await session.look()) === null ? refuseUnknown(c) : refuse(c, read.failure);
    const appended = await session.append(read.value, senderOf(c), c.req.raw.body);
    return appended.ok ? c.body(null, 204, uploadHeaders(appended.value)) : refuseAppend(c, appended.failure);
  },
);

tusRoutes.delete(
  "/:id",
  describe({
    summary: "Give an upload up, or forget one that became a file: the file stays",
    tags: ["files"],
    responds: { 204: "Gone" },
  }),
  requires("images:write"),
  speaksTus,
  async (c) => {
    const ended = await ownSession(c)?.terminate();
    if (ended === undefined) return refuseUnknown(c);
    return ended.ok ? c.body(null, 204, { "Tus-Resumable": TUS_VERSION }) : refuseAppend(c, ended.failure);
  },
);

function tellAbilities(c: Context<{ Bindings: Env }>): Response {
  return c.body(null, 204, {
    "Tus-Resumable": TUS_VERSION,
    "Tus-Version": TUS_VERSION,
    "Tus-Extension": TUS_EXTENSIONS,
    "Tus-Max-Size": String(readSettings(c.env).MAX_UPLOAD_BYTES),
  });
}

function isOffsetStream(c: OwnerContext): boolean {
  return c.req.header("Content-Type") === OFFSET_STREAM;
}

/** The upload of the path. Its object's name holds the user, so everybody else finds an empty one. */
function ownSession(c: OwnerContext) {
  const id = c.req.param("id") ?? "";
  return isId(id) ? sessionOf(c.env, c.var.actor.userId, id) : null;
}

function senderOf(c: OwnerContext): Sender {
  const { userId, sessionId, keyId, ip, userAgent, requestId } = c.var.actor;
  return { uploader: { userId, sessionId, keyId, ip, userAgent, requestId }, origin: originOf(c) };
}

function refuseAppend(c: OwnerContext, failure: Failure<AppendRefusal>) {
  if (failure.code === "not_found") return refuseUnknown(c);
  const retry = failure.code === "busy" && { "Retry-After": RETRY_AFTER_SECONDS };
  return refuse(c, failure, { headers: { "Tus-Resumable": TUS_VERSION, ...retry } });
}

function viewProgress({ id, offset, length, expiresAt, outcome }: UploadState): z.output<typeof UploadProgress> {
  const { fileId = null, imageId = null, jobId = null } = outcome ?? {};
  return { id, offset, length, expires: new Date(expiresAt).toISOString(), fileId, imageId, jobId };
}

import type { ContextValues } from "@connectrpc/connect";
import { createConnectRouter } from "@connectrpc/connect";
import { type UniversalHandler, universalServerResponseToFetch } from "@connectrpc/connect/protocol";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import type { Permission } from "../../../../shared/contracts/permissions.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe, hidden, TEXT } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import proto from "../../proto/halftone/images/v1/image_delivery.proto";
import { type Env, readSettings } from "../env.ts";
import type { ImagesContext } from "../routes/context.ts";
import { type Call, refuseMarked, valuesOf, valuesOfRefused } from "./call.ts";
import { ImageDelivery } from "./generated/halftone/images/v1/image_delivery_pb.js";
import { hearLeaving } from "./hear-leaving.ts";
import { imageDelivery } from "./image-delivery.ts";
import { refusalOf } from "./refusals.ts";
import { RequestBody } from "./request-body.ts";

const MIB = 1024 * 1024;
/** Everything of a message but a photo's bytes: names, ids, and how they are packed. */
const PLAIN_MAX_BYTES = 64 * 1024;
/** What gRPC itself takes in one message, and what may be in memory as a whole (C31). */
const PHOTO_MAX_BYTES = 4 * MIB + PLAIN_MAX_BYTES;
const CHUNK_MAX_BYTES = MIB + PLAIN_MAX_BYTES;

/** Plain gRPC ends with HTTP trailers, which a Worker cannot send: the edge translates it, and locally the bridge. */
const PROTOCOLS = { grpc: false, requestGate: refuseMarked };
const plain = { ...PROTOCOLS, readMaxBytes: PLAIN_MAX_BYTES };
const photo = { ...PROTOCOLS, readMaxBytes: PHOTO_MAX_BYTES };
const chunk = { ...PROTOCOLS, readMaxBytes: CHUNK_MAX_BYTES };

const { method: methods } = ImageDelivery;
const { handlers } = createConnectRouter()
  .rpc(methods.uploadImage, imageDelivery.uploadImage, photo)
  .rpc(methods.uploadImageStream, imageDelivery.uploadImageStream, chunk)
  .rpc(methods.listImages, imageDelivery.listImages, plain)
  .rpc(methods.getImage, imageDelivery.getImage, plain)
  .rpc(methods.watchImage, imageDelivery.watchImage, plain);

/** Below it lie the methods. */
export const GRPC_PATH = `/${ImageDelivery.typeName}`;

const WRITING = new Set(["UploadImage", "UploadImageStream"]);

function permissionOf({ method }: UniversalHandler): Permission {
  return WRITING.has(method.name) ? "images:write" : "images:read";
}

/** The methods by Connect, gRPC-Web and JSON. Not OpenAPI but the .proto describes it. */
export const grpcRoutes = new Hono<{ Bindings: Env }>();

for (const handler of handlers) {
  grpcRoutes.post(handler.requestPath, hidden, speaksProtocol(handler), requires(permissionOf(handler)), async (c) =>
    serve(c, handler),
  );
}

/** What describes the service, for those who make a client of it. */
export const protoRoutes = new Hono<{ Bindings: Env }>();

protoRoutes.get(
  "/image_delivery.proto",
  describe({
    summary: "Read the .proto that describes the gRPC service",
    tags: ["images"],
    responds: { 200: { says: "Protocol Buffers, version 3", content: { "text/plain": TEXT } } },
  }),
  (c) => c.text(proto),
);

/** Answers other content types, and says in the caller's protocol what was refused on the way to the method. */
function speaksProtocol(handler: UniversalHandler) {
  return createMiddleware<{ Bindings: Env }>(async (c, next) => {
    if (!handler.supportedContentType(c.req.header("Content-Type") ?? null)) {
      const detail = "Send application/json, or use a client of Connect, gRPC-Web or gRPC.";
      return refuse(c, { code: "unsupported_media_type", detail });
    }
    await next();
    if (c.res.headers.get("Content-Type") !== "application/problem+json") return undefined;
    const reason = valuesOfRefused(await refusalOf(c.res));
    const answer = await answerBy(handler, c.req.raw, nothing(), reason);
    c.res = await finish(c, new RequestBody(c.req.raw.body, false), answer);
    return undefined;
  });
}

async function* nothing(): AsyncGenerator<Uint8Array, void> {}

async function serve(call: Call, handler: UniversalHandler): Promise<Response> {
  const { raw } = call.req;
  const body = new RequestBody(raw.body, handler.method !== methods.uploadImageStream);
  const listening = new AbortController();
  const answer = await answerBy(handler, raw, body.chunks(), valuesOf(call), listening.signal);
  const finished = await finish(call, body, answer);
  return handler.method === methods.watchImage ? hearLeaving(finished, listening) : finished;
}

function finish(c: ImagesContext, body: RequestBody, answer: Response): Promise<Response> {
  return body.answer(answer, readSettings(c.env).MAX_UPLOAD_BYTES, c.executionCtx);
}

async function answerBy(
  handler: UniversalHandler,
  { method, url, headers, signal }: Request,
  body: AsyncIterable<Uint8Array>,
  contextValues: ContextValues,
  listening?: AbortSignal,
): Promise<Response> {
  const either = listening === undefined ? signal : AbortSignal.any([signal, listening]);
  const request = { httpVersion: "1.1", method, url, header: headers, signal: either, body, contextValues };
  return universalServerResponseToFetch(await handler(request));
}

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { UploadView } from "../../../../shared/contracts/images.ts";
import { TELLS_REPLAY } from "../../../../shared/idempotency/answer-once.ts";
import { isId } from "../../../../shared/ids.ts";
import { ok } from "../../../../shared/result.ts";
import { readSettings } from "../env.ts";
import { openFeed } from "../feed/open-feed.ts";
import { PhotoNews } from "../feed/photo-news.ts";
import { viewImage } from "../files/view.ts";
import { ImagesRepo } from "../images/images.repo.ts";
import { linkOf } from "../routes/context.ts";
import type { ReceivedFile } from "../routes/read-upload.ts";
import { takeUpload } from "../routes/take-upload.ts";
import type { Image } from "../schema.ts";
import { type Call, callOf, unexpected } from "./call.ts";
import type {
  GetImageResponseSchema,
  ImageDelivery,
  ListImagesRequest,
  ListImagesResponseSchema,
  WatchImageResponseSchema,
} from "./generated/halftone/images/v1/image_delivery_pb.js";
import { imageMessage, listQueryOf, sizeMessages, uploadMessage } from "./messages.ts";
import { photoOfMessage, photoOfStream } from "./receive-photo.ts";
import { refusal, refusalOf } from "./refusals.ts";
import { type WatchDeps, type WatchRefusal, watchImage } from "./watch-image.ts";

/** The methods of the service: each is a door to a use case that HTTP has too, but for watching. */
export const imageDelivery: ServiceImpl<typeof ImageDelivery> = {
  uploadImage: (request, context) => answer(context, (call) => upload(context, call, photoOfMessage(call, request))),
  uploadImageStream: (requests, context) =>
    answer(context, async (call) => upload(context, call, await photoOfStream(call, requests))),
  listImages: (request, context) => answer(context, (call) => listImages(call, request)),
  getImage: ({ id }, context) => answer(context, (call) => getImage(call, id)),
  watchImage: ({ id }, context) => watch(context, id),
};

async function answer<Message>(context: HandlerContext, method: (call: Call) => Promise<Message>): Promise<Message> {
  const call = callOf(context);
  try {
    return await method(call);
  } catch (error) {
    throw unexpected(call, error);
  }
}

/** The main door of HTTP: the metadata of a call are its headers, `idempotency-key` among them. */
async function upload({ responseHeader }: HandlerContext, call: Call, photo: ReceivedFile) {
  const answered = await takeUpload(call, "images", ok(photo), 202);
  if (!answered.ok) throw await refusalOf(answered);
  if (answered.headers.has(TELLS_REPLAY)) responseHeader.set(TELLS_REPLAY, "true");
  return uploadMessage(UploadView.parse(await answered.json()));
}

async function listImages(
  call: Call,
  request: ListImagesRequest,
): Promise<MessageInitShape<typeof ListImagesResponseSchema>> {
  const query = listQueryOf(request);
  if (!query.success) throw refusal({ code: "invalid_request", detail: "A field of the request does not fit." });
  const { limit } = query.data;
  const found = await new ImagesRepo(call.env.DB).listOf(call.var.actor.userId, query.data);
  const page = found.slice(0, limit);
  const isLast = found.length <= limit;
  return { images: page.map(imageMessage), nextPageToken: isLast ? "" : (page.at(-1)?.id ?? "") };
}

/** One answer for what is not there and for what is somebody else's, so that ids cannot be probed. */
const UNKNOWN = { code: "not_found", detail: "There is nothing here, or it is not yours." } as const;

async function getImage(call: Call, id: string): Promise<MessageInitShape<typeof GetImageResponseSchema>> {
  const whole = isId(id) ? await new ImagesRepo(call.env.DB).findWhole(id) : null;
  if (whole?.image.userId !== call.var.actor.userId) throw refusal(UNKNOWN);
  const { STRIP_METADATA } = readSettings(call.env);
  const details = viewImage(whole, linkOf(call), STRIP_METADATA);
  return { image: imageMessage(whole.image), sizes: sizeMessages(details) };
}

async function ownImage({ env, var: { actor } }: Call, id: string): Promise<Image> {
  const image = isId(id) ? await new ImagesRepo(env.DB).find(id) : null;
  if (image?.userId !== actor.userId) throw refusal(UNKNOWN);
  return image;
}

async function* watch(
  context: HandlerContext,
  id: string,
): AsyncGenerator<MessageInitShape<typeof WatchImageResponseSchema>, void> {
  const call = callOf(context);
  try {
    const refused = yield* tellStates(watchImage(watchDeps(call, context.signal), await ownImage(call, id)));
    if (refused !== null) throw refusal(refused);
  } catch (error) {
    throw unexpected(call, error);
  }
}

async function* tellStates(
  states: AsyncGenerator<Image, WatchRefusal | null>,
): AsyncGenerator<MessageInitShape<typeof WatchImageResponseSchema>, WatchRefusal | null> {
  try {
    for (let step = await states.next(); ; step = await states.next()) {
      if (step.done) return step.value;
      yield { image: imageMessage(step.value) };
    }
  } finally {
    // Also where the caller leaves between two states.
    await states.return(null);
  }
}

function watchDeps({ env, var: { actor } }: Call, signal: AbortSignal): WatchDeps {
  const images = new ImagesRepo(env.DB);
  return {
    find: (id: string) => images.find(id),
    // While auth is away nobody is thrown out: no session can be ended then either.
    sessionIsLive: () => env.AUTH.sessionIsLive(actor.userId, actor.sessionId).catch(() => true),
    expiresAt: actor.expiresAt,
    async follow(id: string) {
      const opened = await openFeed(env.FEEDS, actor.userId, "watch", null);
      if (!opened.ok) return opened;
      return ok(new PhotoNews(opened.value, id, signal));
    },
    now: Date.now,
  };
}

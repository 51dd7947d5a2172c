import { Hono } from "hono";
import { clientOrigin } from "../../../../shared/http/context.ts";
import { describe, refusal } from "../../../../shared/http/openapi.ts";
import { refuseUnknown } from "../../../../shared/http/problem.ts";
import { describeError } from "../../../../shared/log.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import type { Env } from "../env.ts";
import { type SharedFile, SharesRepo } from "../shares/shares.repo.ts";
import { countUse, openShare } from "../shares/use-share.ts";
import { commitOf, type ImagesContext } from "./context.ts";
import { FOR_SHARE, SENDS_BYTES, sendOriginal } from "./send-bytes.ts";
import { SENDS_SIZE, sendSize } from "./send-size.ts";

/** `/s/:token`: what a share opens, for whoever holds its address. */
export const sharedRoutes = new Hono<{ Bindings: Env }>();

sharedRoutes.get(
  "/:token{[^]*}",
  describe({
    summary: "Read the bytes of a share",
    tags: ["shares"],
    ...SENDS_BYTES,
    responds: {
      ...SENDS_SIZE,
      404: refusal("There is no such share: it was taken back, has run out, is used up, or never was"),
    },
  }),
  async (c) => {
    const shared = await openShare(new SharesRepo(c.env.DB), c.req.param("token"));
    if (shared === null) return refuseUnknown(c);
    const answer = await send(c, shared);
    // A use is what sends bytes, whole or in part; neither a look (HEAD) nor a copy that is still good (304).
    if (!answer.ok || c.req.method === "HEAD") return answer;
    const counted = countUse({ shares: new SharesRepo(c.env.DB), commit: commitOf(c) }, strangerOf(c), shared);
    if (shared.share.maxUses === null) {
      // Nothing depends on the number, so nobody waits for it.
      const noted = counted.catch((error) => c.var.log.error("use not counted", { error: describeError(error) }));
      c.executionCtx.waitUntil(noted);
      return answer;
    }
    if (await counted) return answer;
    await answer.body?.cancel();
    return refuseUnknown(c);
  },
);

function send(c: ImagesContext, { share, file, image, variants }: SharedFile): Promise<Response> {
  // A file that is no photo has its original alone.
  return image === null
    ? sendOriginal(c, file, FOR_SHARE)
    : sendSize(c, { image, file, variants }, share.size, FOR_SHARE);
}

/** Whoever comes by a share is nobody that is known, also when signed in: holding the address is all it takes. */
function strangerOf(c: ImagesContext): EventOrigin {
  const nobody = { userId: null, sessionId: null, keyId: null };
  return { ...nobody, ...clientOrigin(c.req.raw), requestId: c.var.requestId };
}

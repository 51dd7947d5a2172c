// What a copy that runs from kept bundles starts, beside the bundle of each Worker.

import worker from "./index.js";

export * from "./index.js";

export default {
  ...worker,
  /**
   * Reads what nobody has read of the body, as wrangler sees to in what it bundles for `wrangler dev`: the local runtime
   * breaks the connection otherwise, and a client that is refused early loses its answer.
   */
  async fetch(request, env, context) {
    try {
      return await worker.fetch(request, env, context);
    } finally {
      if (request.body !== null && !request.bodyUsed) await request.body.pipeTo(new WritableStream()).catch(() => {});
    }
  },
};

import { serveCard } from "../../../shared/http/card.ts";
import { createService } from "../../../shared/http/service.ts";
import { createLogger } from "../../../shared/log.ts";
import { card } from "./card.ts";
import { createCodecs } from "./codecs/codec.ts";
import { consume } from "./consume.ts";
import { type Env, readSettings } from "./env.ts";
import { Slot } from "./slot.ts";

/** One of each per isolate: the memory is the isolate's, and so is the place for a job. */
const slot = new Slot();
const codecs = createCodecs();

const app = createService<Env>({ settings: readSettings, health: {} });
serveCard(app, card, readSettings);

export default {
  fetch: app.fetch,

  async queue(batch, env) {
    const deps = { images: env.IMAGES, codecs, slot, log: createLogger(readSettings(env)) };
    for (const message of batch.messages) await consume(deps, message);
  },
} satisfies ExportedHandler<Env>;

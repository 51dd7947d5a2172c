import { createMiddleware } from "hono/factory";
import type { Visit } from "../../../../shared/http/visit.ts";
import { describeError } from "../../../../shared/log.ts";
import { type Env, readSettings } from "../env.ts";

/** An isolate makes sure of the watch so often. Its alarm keeps itself going; this is for the first one ever. */
const ASK_EVERY_MS = 600_000;

let nextAskAt = 0;

/** Starts the health watch where somebody wants to be told. */
export const keepWatch = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  seeToWatch(c);
  await next();
});

export function seeToWatch(c: Visit<Env>): void {
  const isWanted = readSettings(c.env).ALERT_WEBHOOK_URL !== undefined;
  if (!isWanted || Date.now() < nextAskAt) return;
  nextAskAt = Date.now() + ASK_EVERY_MS;
  const started = c.env.HEALTH_WATCH.getByName("watch").start();
  c.executionCtx.waitUntil(
    started.catch((error) => c.var.log.error("health watch not started", { error: describeError(error) })),
  );
}

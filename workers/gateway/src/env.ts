import * as z from "zod";
import type { AuthApi } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import { commonSettings, optionalSecret, positiveInteger, settingsReader } from "../../../shared/settings.ts";
import type { EndedSessions } from "./callers/ended-sessions.do.ts";
import { addressSettings } from "./calls/addresses.ts";
import type { HealthWatch } from "./health/health-watch.do.ts";
import type { RateLimiter } from "./limits/rate-limiter.do.ts";
import type { Metrics } from "./metrics/metrics.do.ts";
import type { ServiceName } from "./routes.ts";

export interface Env
  extends ServiceBindings,
    Record<`${Uppercase<ServiceName>}_HTTP`, Fetcher>,
    Record<keyof typeof addressSettings, string> {
  ASSETS: Fetcher;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
  PUBLISHED_KEYS: KVNamespace;
  RATE_LIMITER: DurableObjectNamespace<RateLimiter>;
  /** Counts requests per address, roughly (wrangler.toml). */
  SHIELD: RateLimit;
  METRICS: DurableObjectNamespace<Metrics>;
  HEALTH_WATCH: DurableObjectNamespace<HealthWatch>;
  ENDED_SESSIONS: DurableObjectNamespace<EndedSessions>;
  /** What opens `/metrics` to whoever scrapes it; without it, only admins read it. */
  METRICS_TOKEN?: string;
  /** Who is told when a service's health changes. A secret: such addresses often are. */
  ALERT_WEBHOOK_URL?: string;
  /** Requests per minute and caller (S1.56). */
  RATE_LIMIT: string;
  /**
   * Whether a session's end is known from the published list, at most 5 s late, or the session is asked each time,
   * which costs every request a call to auth (C5).
   */
  SESSION_CHECK: string;
  /** Origins of other people's pages that may call the API, separated by blanks or commas. */
  CORS_ORIGINS: string;
  /** How many calls to one service, or to each of its addresses, one isolate has in hand at most (S1.20). */
  MAX_IN_FLIGHT: string;
}

const originList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((origin) => origin !== ""))
  .refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), {
    message: "write origins such as https://shop.example, separated by blanks",
  });

const optionalUrl = z.preprocess(
  (text) => (text === "" ? undefined : text),
  z.url({ protocol: /^https?$/, error: "write an address such as https://chat.example/hook, or nothing" }).optional(),
);

export const readSettings = settingsReader(
  z.object({
    ...commonSettings,
    RATE_LIMIT: positiveInteger,
    SESSION_CHECK: z.enum(["cached", "always"]),
    CORS_ORIGINS: originList,
    MAX_IN_FLIGHT: positiveInteger,
    METRICS_TOKEN: optionalSecret,
    ALERT_WEBHOOK_URL: optionalUrl,
    ...addressSettings,
  }),
);

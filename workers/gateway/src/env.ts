import * as z from "zod";
import type { AuthApi } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import { commonSettings, positiveInteger, settingsReader } from "../../../shared/settings.ts";
import type { RateLimiter } from "./rate-limiter.do.ts";
import type { ServiceName } from "./routes.ts";

export interface Env extends ServiceBindings, Record<`${Uppercase<ServiceName>}_HTTP`, Fetcher> {
  ASSETS: Fetcher;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
  RATE_LIMITER: DurableObjectNamespace<RateLimiter>;
  /** Counts requests per address, roughly (wrangler.toml). */
  SHIELD: RateLimit;
  /** Requests per minute and caller (S1.56). */
  RATE_LIMIT: string;
  /**
   * Whether a session's end is known from the published list, at most 5 s late, or the session is asked each time,
   * which costs every request a call to auth (C5).
   */
  SESSION_CHECK: string;
  /** Origins of other people's pages that may call the API, separated by blanks or commas. */
  CORS_ORIGINS: string;
}

const originList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((origin) => origin !== ""))
  .refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin), {
    message: "write origins such as https://shop.example, separated by blanks",
  });

export const readSettings = settingsReader(
  z.object({
    ...commonSettings,
    RATE_LIMIT: positiveInteger,
    SESSION_CHECK: z.enum(["cached", "always"]),
    CORS_ORIGINS: originList,
  }),
);

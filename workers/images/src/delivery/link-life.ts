import * as z from "zod";
import { duration } from "../../../../shared/settings.ts";
import { LINK_SECONDS, LINK_SECONDS_MAX } from "./signing.ts";

/** `?sign=` of whatever answers links: how long they work at least. */
export const Signing = z.object({
  sign: duration
    .transform((ms) => ms / 1_000)
    .refine((seconds) => seconds >= LINK_SECONDS && seconds <= LINK_SECONDS_MAX, "write 1h to 7d")
    .optional()
    .describe("how long the links work, from 1h to 7d"),
});

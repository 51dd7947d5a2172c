import * as z from "zod";

/** A key that signs access tokens, as admins see it: `next` will sign, `current` signs, `previous` has signed. */
export const SigningKeyView = z
  .object({ kid: z.string(), state: z.enum(["next", "current", "previous"]), since: z.iso.datetime() })
  .meta({ ref: "SigningKey" });
export type SigningKeyView = z.output<typeof SigningKeyView>;

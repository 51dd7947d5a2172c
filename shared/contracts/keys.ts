import * as z from "zod";
import { duration } from "../settings.ts";
import { PERMISSION_NAMES } from "./permissions.ts";

const NAME_MAX = 100;
/** An Ed25519 public key in PEM (RFC 8410) has about 113 characters. */
const PUBLIC_KEY_MAX = 400;

const Scope = z.enum(PERMISSION_NAMES);

/**
 * `POST /api/keys`. When it runs out is said by `expiresIn` or `expiresAt`, not both. A key that demands signed
 * requests brings the public half of the pair that signs them: the private half never leaves its owner.
 */
export const NewKey = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1, "needs a name")
      .max(NAME_MAX)
      .meta({ examples: ["shop"] }),
    scopes: z
      .array(Scope)
      .min(1, "needs at least one")
      .max(PERMISSION_NAMES.length)
      .meta({ examples: [["orders:write"]] }),
    expiresIn: duration.optional(),
    expiresAt: z.iso.datetime({ offset: true }).optional(),
    requireSignature: z.boolean().default(false),
    publicKey: z.string().max(PUBLIC_KEY_MAX).optional(),
  })
  .refine((key) => key.expiresIn === undefined || key.expiresAt === undefined, {
    message: "give expiresIn or expiresAt, not both",
    path: ["expiresAt"],
  })
  .refine((key) => key.requireSignature === (key.publicKey !== undefined), {
    message: "goes with requireSignature: give both or neither",
    path: ["publicKey"],
  })
  .meta({ ref: "NewKey" });
export type NewKey = z.output<typeof NewKey>;

/** An API key as its owner sees it. Its secret is shown once, when it is made. */
export const KeyView = z
  .object({
    id: z.string(),
    userId: z.string(),
    name: z.string(),
    scopes: z.array(Scope),
    requireSignature: z.boolean(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ ref: "Key" });
export type KeyView = z.output<typeof KeyView>;

export const CreatedKey = KeyView.extend({ key: z.string() }).meta({ ref: "CreatedKey" });
export type CreatedKey = z.output<typeof CreatedKey>;

import * as z from "zod";
import { LOG_LEVELS } from "./log.ts";

/** `[vars]` that every Worker has. */
export const commonSettings = {
  SERVICE_NAME: z.string().min(1),
  LOG_LEVEL: z.enum(LOG_LEVELS),
};

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration as people write it (`15m`, `7d`, `24h`), read as milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, "write a number and a unit, such as 15m, 24h or 7d")
  .transform((text) => {
    const unit = z.enum(["ms", "s", "m", "h", "d"]).parse(text.replace(/^\d+/, ""));
    return Number.parseInt(text, 10) * UNIT_MS[unit];
  });

export const positiveInteger = z
  .string()
  .regex(/^[1-9]\d*$/, "write a whole number above zero")
  .transform(Number);

/** `PUBLIC_ORIGIN`: what absolute URLs begin with; null for the request's own origin. */
export const publicOrigin = z
  .union(
    [z.literal(""), z.url({ protocol: /^https?$/ })],
    "write an address such as https://photos.example.com, or nothing",
  )
  .transform((text) => (text === "" ? null : new URL(text).origin));

/** Addresses of a service that runs elsewhere, separated by blanks or commas; none for the service that is bound. */
export const addressList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((address) => address !== ""))
  .refine((addresses) => addresses.every(isAddress), {
    message: "write addresses such as https://orders.example, separated by blanks or commas, or nothing",
  });

function isAddress(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Secrets shorter than this could be guessed (S2.79, S4.25); `npm start` writes longer ones. */
const SECRET_MIN_CHARACTERS = 32;
/** Beginnings of the values that the source systems' documents print as examples. */
const EXAMPLE_SECRET = /^(your|change|secret|example|default|test-secret|password)/i;

export const secret = z
  .string()
  .min(SECRET_MIN_CHARACTERS, `needs at least ${SECRET_MIN_CHARACTERS} characters`)
  .refine((text) => !EXAMPLE_SECRET.test(text), "is an example value: set a random one");

/** A secret that most deployments do not have. Empty counts as not set, because that is how a line of a file is emptied. */
export const optionalSecret = z.preprocess((text) => (text === "" ? undefined : text), secret.optional());

/** Thrown when a Worker was started with a setting it cannot work with. The message names it and says what to write. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** Reads a Worker's settings, and knows their names. */
export interface SettingsReader<Settings> {
  (env: object): Settings;
  names: string[];
}

/**
 * A reader that checks a Worker's settings at its door, once per environment object.
 * The reader throws SettingsError naming the first broken setting; never its value, which may be a secret.
 */
export function settingsReader<Schema extends z.ZodObject>(schema: Schema): SettingsReader<z.output<Schema>> {
  const checked = new WeakMap<object, z.output<Schema>>();
  const read = (env: object) => {
    const known = checked.get(env);
    if (known !== undefined) return known;
    const result = schema.safeParse(env);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw new SettingsError(`The setting ${issue?.path.join(".")} cannot be used: ${issue?.message}.`);
    }
    checked.set(env, result.data);
    return result.data;
  };
  return Object.assign(read, { names: Object.keys(schema.shape) });
}

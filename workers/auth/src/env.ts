import * as z from "zod";
import type { AuthApi, EventsWaiting } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import type { RelayBindings } from "../../../shared/outbox/relay.do.ts";
import { commonSettings, duration, positiveInteger, secret, settingsReader } from "../../../shared/settings.ts";
import type { Keyring } from "./keyring.do.ts";
import type { Relay } from "./relay.do.ts";
import type { UserSessions } from "./user-sessions.do.ts";

/** An object's methods as its callers see them. The runtime's own RPC types cannot follow the recursive JSON of events. */
type Remote<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

export interface Env extends ServiceBindings, RelayBindings {
  DB: D1Database;
  KEYRING: DurableObjectNamespace<Keyring>;
  USER_SESSIONS: { getByName(userId: string): Remote<Pick<UserSessions, "open" | "rotate" | "takeEvents">> };
  RELAY: DurableObjectNamespace<Relay>;
  EVENTS: Queue<EventsWaiting>;
  /** Seals the signing keys. */
  JWT_SECRET: string;
  /** Authenticates refresh tokens. */
  JWT_REFRESH_SECRET: string;
  JWT_ACCESS_EXPIRE: string;
  JWT_REFRESH_EXPIRE: string;
  LEGACY_TOKEN_EXPIRE: string;
  /** What happens to the commonest passwords: taken, taken with a warning, refused (C33). */
  PASSWORD_BLOCKLIST: string;
  /** Whom `GET /api/users` shows to people who are no admin: themselves or everybody (C17). */
  USER_DIRECTORY: string;
}

/** What the routes get besides: tokens are checked by the same contract as in every other Worker, without a call. */
export interface RouteEnv extends Env {
  AUTH: Pick<AuthApi, "jwks">;
}

export const readSettings = settingsReader(
  z.object({
    ...commonSettings,
    OUTBOX_LEASE_MS: positiveInteger,
    JWT_SECRET: secret,
    JWT_REFRESH_SECRET: secret,
    JWT_ACCESS_EXPIRE: duration,
    JWT_REFRESH_EXPIRE: duration,
    LEGACY_TOKEN_EXPIRE: duration,
    PASSWORD_BLOCKLIST: z.enum(["off", "warn", "refuse"]),
    USER_DIRECTORY: z.enum(["self", "all"]),
  }),
);
export type Settings = ReturnType<typeof readSettings>;

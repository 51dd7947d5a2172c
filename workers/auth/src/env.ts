import type { DurableObject } from "cloudflare:workers";
import * as z from "zod";
import type { AuthApi, EventsWaiting } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import type { RelayBindings } from "../../../shared/outbox/relay.do.ts";
import {
  commonSettings,
  duration,
  optionalSecret,
  positiveInteger,
  publicOrigin,
  secret,
  settingsReader,
} from "../../../shared/settings.ts";
import type { LoginLimiter } from "./login/login-limiter.do.ts";
import type { Relay } from "./relay.do.ts";
import type { UserSessions } from "./sessions/user-sessions.do.ts";
import type { Keyring } from "./signing/keyring.do.ts";

/** An object's methods as its callers see them. The runtime's own RPC types cannot follow the recursive JSON of events. */
type Remote<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

export type UserSessionsStub = Remote<Omit<UserSessions, keyof DurableObject>>;

export interface Env extends ServiceBindings, RelayBindings {
  DB: D1Database;
  /** Where the public keys stand for every Worker to read, also while this one is away. */
  PUBLISHED_KEYS: KVNamespace;
  KEYRING: DurableObjectNamespace<Keyring>;
  USER_SESSIONS: { getByName(userId: string): UserSessionsStub };
  LOGIN_LIMITER: DurableObjectNamespace<LoginLimiter>;
  RELAY: DurableObjectNamespace<Relay>;
  EVENTS: Queue<EventsWaiting>;
  /** Seals the signing keys. */
  JWT_SECRET: string;
  /** The `JWT_SECRET` before this one: what it sealed is sealed anew, so that nobody is logged out by the change. */
  JWT_SECRET_PREVIOUS?: string;
  /** Authenticates refresh tokens. */
  JWT_REFRESH_SECRET: string;
  JWT_ACCESS_EXPIRE: string;
  JWT_REFRESH_EXPIRE: string;
  LEGACY_TOKEN_EXPIRE: string;
  /** What happens to the commonest passwords: taken, taken with a warning, refused (C33). */
  PASSWORD_BLOCKLIST: string;
  /** Whom `GET /api/users` shows to people who are no admin: themselves or everybody (C17). */
  USER_DIRECTORY: string;
  /** Whether strangers may look people up by SOAP (C32). */
  SOAP_LOOKUP: string;
  /** The origin of absolute URLs; empty for the request's own. */
  PUBLIC_ORIGIN: string;
}

/** What the routes get besides: what every other Worker asks auth by a call. */
export interface RouteEnv extends Env {
  AUTH: AuthApi;
}

export const readSettings = settingsReader(
  z.object({
    ...commonSettings,
    OUTBOX_LEASE_MS: positiveInteger,
    JWT_SECRET: secret,
    JWT_SECRET_PREVIOUS: optionalSecret,
    JWT_REFRESH_SECRET: secret,
    JWT_ACCESS_EXPIRE: duration,
    JWT_REFRESH_EXPIRE: duration,
    LEGACY_TOKEN_EXPIRE: duration,
    PASSWORD_BLOCKLIST: z.enum(["off", "warn", "refuse"]),
    USER_DIRECTORY: z.enum(["self", "all"]),
    SOAP_LOOKUP: z.enum(["open", "auth"]),
    PUBLIC_ORIGIN: publicOrigin,
  }),
);
export type Settings = ReturnType<typeof readSettings>;

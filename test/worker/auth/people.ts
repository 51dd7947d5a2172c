import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect } from "vitest";
import type { DomainEvent } from "../../../shared/contracts/events.ts";
import type { AuthApi, OutboxApi } from "../../../shared/contracts/rpc.ts";
import type { SignedIn } from "../../../shared/contracts/users.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import type { EventOrigin } from "../../../shared/outbox/event.ts";
import type { Env } from "../../../workers/auth/src/env.ts";
import app from "../../../workers/auth/src/index.ts";
import type { UserSessions } from "../../../workers/auth/src/sessions/user-sessions.do.ts";
import { call } from "../call.ts";
import type { TestEnv } from "../env.ts";
import type { Person } from "../sign-in.ts";

/** The bindings of the auth Worker under test. */
export const authEnv = env as unknown as Env & TestEnv;

/** The object of a user's sessions. */
export function sessionsOf(userId: string) {
  const namespace = env as unknown as { USER_SESSIONS: DurableObjectNamespace<UserSessions> };
  return namespace.USER_SESSIONS.getByName(userId);
}

/** What the Worker under test offers the other Workers. */
export const rpc = exports as unknown as { AuthService: AuthApi; OutboxService: OutboxApi };

export const PASSWORD = "a passphrase of john's";

export const NOWHERE: EventOrigin = {
  userId: null,
  sessionId: null,
  keyId: null,
  ip: "203.0.113.7",
  userAgent: "vitest",
  requestId: "request-1",
};

export interface Registered extends Person {
  email: string;
  signedIn: SignedIn;
}

function personOf(signedIn: SignedIn): Registered {
  const headers = { Authorization: `Bearer ${signedIn.accessToken}` };
  return { id: signedIn.userId, email: signedIn.email, headers, signedIn };
}

/** Somebody who registered through the front of the Worker. */
export async function register(email = "john@example.com", fields: object = {}): Promise<Registered> {
  const response = await call("/api/auth/register", { json: { email, password: PASSWORD, ...fields } });
  expect(response.status).toBe(201);
  return personOf(await response.json<SignedIn>());
}

/** An admin: somebody registered whose row says so. */
export async function registerAdmin(email = "root@example.com"): Promise<Registered> {
  const { id } = await register(email);
  await authEnv.DB.prepare("UPDATE users SET role = 'admin' WHERE id = ?").bind(id).run();
  const response = await call("/login", { json: { email, password: PASSWORD } });
  return personOf(await response.json<SignedIn>());
}

/** Posts to the Worker as it would run with other settings or bindings. */
export async function postWith(
  changed: Partial<Env>,
  path: string,
  json: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  const request = new Request(`http://halftone.test${path}`, {
    method: "POST",
    body: JSON.stringify(json),
    headers: { "Content-Type": "application/json", ...headers },
  });
  return fetchWith(changed, request);
}

/** Sends a request to the Worker as it would run with other settings or bindings. */
export async function fetchWith(changed: Partial<Env>, request: Request): Promise<Response> {
  const ctx = createExecutionContext();
  const response = await app.fetch(request, { ...authEnv, ...changed }, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

export function refresh(refreshToken: string): Promise<Response> {
  return call("/api/auth/refresh", { json: { refreshToken } });
}

/**
 * An isolate keeps the keys that it signs and verifies with for a while, but the keyring is emptied before each test.
 * Fetched here, both fit each other for the whole file.
 */
beforeAll(async () => {
  expect((await call("/profile", { as: await register() })).status).toBe(200);
});

/** The events in the database. */
export function waitingEvents(): Promise<DomainEvent[]> {
  return new D1OutboxStore(authEnv.DB).next(100);
}

export const NOTHING_SETTLED = { appended: [], refused: [] };

/** The events in the object of a user's sessions. */
export function sessionEvents(userId: string): Promise<DomainEvent[]> {
  return rpc.OutboxService.takeEvents(userId, NOTHING_SETTLED, 1_000);
}

/** A problem document without what differs in every answer. */
export async function problemOf(response: Response): Promise<object> {
  return { ...(await response.json<object>()), requestId: "" };
}

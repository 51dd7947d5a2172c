import { type Context, Hono } from "hono";
import * as z from "zod";
import {
  EndedSessions,
  LastConnection,
  NoFields,
  RecordedSession,
  SessionsToKeep,
  SessionView,
  TouchedSession,
  VerifiedSession,
} from "../../../../shared/contracts/sessions.ts";
import { type Actor, refuseStranger, requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import type { RouteEnv } from "../env.ts";
import { viewSession } from "../sessions/session-view.ts";

type SessionContext = Context<{ Bindings: RouteEnv; Variables: { actor: Actor } }>;

const TAGS: [string] = ["sessions"];

/** The sessions of one's own account (S3.21–S3.33). Other people's do not exist, whatever one's role is. */
export const sessionRoutes = new Hono<{ Bindings: RouteEnv }>();

sessionRoutes.get(
  "/verify", // Before `/:userId`: it is no user's id (C19).
  describe({ summary: "Ask whether a credential is good now", tags: TAGS, responds: { 200: VerifiedSession } }),
  requires("account:read"),
  async (c) => {
    const { userId, sessionId, keyId, role } = c.var.actor;
    const isLive = await ownSessions(c).isLive(sessionId);
    if (!isLive) return refuseStranger(c, "This session has ended. Sign in again.");
    return c.json({ userId, sessionId, keyId, role });
  },
);

sessionRoutes.post(
  "/",
  describe({
    summary: "Record your session as in use",
    tags: TAGS,
    responds: { 201: RecordedSession },
    sends: { 201: ["Location"] },
  }),
  requires("account:read"),
  jsonBody(NoFields),
  async (c) => {
    const { userId, sessionId } = c.var.actor;
    await ownSessions(c).touch(sessionId);
    return c.json({ id: sessionId, userId }, 201, { Location: `/api/sessions/${userId}/${sessionId}` });
  },
);

sessionRoutes.get(
  "/:userId",
  describe({ summary: "List your live sessions", tags: TAGS, responds: { 200: z.array(SessionView) } }),
  requires("credentials:manage"),
  async (c) => {
    if (!isOwn(c)) return refuseUnknown(c);
    const { userId, sessionId } = c.var.actor;
    const live = await ownSessions(c).live();
    return c.json(live.map((session) => viewSession(userId, session, sessionId)));
  },
);

sessionRoutes.put(
  "/:userId",
  describe({ summary: "Say that you are still here", tags: TAGS, responds: { 200: TouchedSession } }),
  requires("account:read"),
  jsonBody(NoFields),
  async (c) => {
    if (!isOwn(c)) return refuseUnknown(c);
    const { userId, sessionId } = c.var.actor;
    await ownSessions(c).touch(sessionId);
    return c.json({ userId });
  },
);

sessionRoutes.delete(
  "/:userId",
  describe({
    summary: "End all your sessions, this one too unless it is excepted",
    tags: TAGS,
    responds: { 200: EndedSessions },
  }),
  requires("credentials:manage"),
  query(SessionsToKeep),
  async (c) => {
    if (!isOwn(c)) return refuseUnknown(c);
    const { except } = c.req.valid("query");
    const kept = except === "current" ? c.var.actor.sessionId : null;
    const ended = await ownSessions(c).endAll("ended_by_user", c.var.actor, kept);
    return c.json({ userId: c.var.actor.userId, ended });
  },
);

sessionRoutes.get(
  "/:userId/:sessionId",
  describe({ summary: "Read one of your live sessions", tags: TAGS, responds: { 200: SessionView } }),
  requires("credentials:manage"),
  async (c) => {
    const { userId, sessionId } = c.var.actor;
    const wanted = c.req.param("sessionId");
    const session = isOwn(c) ? (await ownSessions(c).live()).find(({ id }) => id === wanted) : undefined;
    return session === undefined ? refuseUnknown(c) : c.json(viewSession(userId, session, sessionId));
  },
);

sessionRoutes.delete(
  "/:userId/:sessionId",
  describe({ summary: "End one of your sessions", tags: TAGS, responds: { 204: "Ended" } }),
  requires("credentials:manage"),
  async (c) => {
    const wanted = c.req.param("sessionId");
    const hasEnded = isOwn(c) && isId(wanted) && (await ownSessions(c).end(wanted, "ended_by_user", c.var.actor));
    return hasEnded ? c.body(null, 204) : refuseUnknown(c);
  },
);

/** When somebody was seen last (C20). Asking does not count as being seen. */
export const lastConnectionRoutes = new Hono<{ Bindings: RouteEnv }>();

lastConnectionRoutes.get(
  "/",
  describe({ summary: "When you were seen last", tags: TAGS, responds: { 200: LastConnection } }),
  requires("account:read"),
  async (c) => {
    const at = await ownSessions(c).lastSeenAt();
    return c.json({ userId: c.var.actor.userId, lastConnection: at === null ? null : new Date(at).toISOString() });
  },
);

function ownSessions(c: SessionContext) {
  return c.env.USER_SESSIONS.getByName(c.var.actor.userId);
}

function isOwn(c: SessionContext): boolean {
  return c.req.param("userId") === c.var.actor.userId;
}

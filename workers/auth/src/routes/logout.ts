import { Hono } from "hono";
import { LogoutRequest } from "../../../../shared/contracts/sessions.ts";
import { welcomes } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { clearSessionCookie } from "../../../../shared/http/session-cookie.ts";
import { optionalJsonBody } from "../../../../shared/http/validate.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import { logout } from "../login/logout.ts";
import { unknownOrigin } from "./origin.ts";

/** Mounted beside register, login and refresh, under every path that they go by (C1). */
export const logoutRoutes = new Hono<{ Bindings: RouteEnv }>();

logoutRoutes.post(
  "/logout",
  describe({
    summary: "End the session of the refresh token, the access token or the cookie that you send",
    tags: ["auth"],
    responds: { 204: "Ended, or it had ended before" },
  }),
  welcomes("account:read"),
  optionalJsonBody(LogoutRequest),
  async (c) => {
    const deps = {
      refreshSecret: readSettings(c.env).JWT_REFRESH_SECRET,
      endSession: (userId: string, sessionId: string, origin: Parameters<typeof logout>[1]) =>
        c.env.USER_SESSIONS.getByName(userId).end(sessionId, "logout", origin),
    };
    const { actor } = c.var;
    const ended = await logout(deps, actor ?? unknownOrigin(c), actor, c.req.valid("json").refreshToken);
    if (!ended.ok) return refuse(c, ended.failure);
    clearSessionCookie(c);
    return c.body(null, 204);
  },
);

import * as z from "zod";

/** A live session, as `GET /api/sessions/:userId` lists them (S3.26). */
export const SessionView = z
  .object({
    id: z.string(),
    userId: z.string(),
    /** `session` lives by tokens, `cookie` by a browser's cookie (C6). */
    kind: z.enum(["session", "cookie"]),
    createdAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    /** When it ends if it is not used again. */
    expiresAt: z.iso.datetime(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    method: z.enum(["register", "login"]),
    /** Whether it is the one that asks. */
    current: z.boolean(),
  })
  .meta({ ref: "Session" });
export type SessionView = z.output<typeof SessionView>;

/** The bodies of `POST` and `PUT`: the sources print none, so there is nothing to say (S3.25, S3.27). */
export const NoFields = z.strictObject({}).meta({ ref: "NoFields", examples: [{}] });

/** `POST /api/sessions`: the session that was recorded as being in use. */
export const RecordedSession = z.object({ id: z.string(), userId: z.string() }).meta({ ref: "RecordedSession" });

/** `PUT /api/sessions/:userId`. */
export const TouchedSession = z.object({ userId: z.string() }).meta({ ref: "TouchedSession" });

/** The query of `DELETE /api/sessions/:userId`. */
export const SessionsToKeep = z.strictObject({ except: z.literal("current").optional() });

/** `DELETE /api/sessions/:userId`: how many were ended. */
export const EndedSessions = z
  .object({ userId: z.string(), ended: z.number().int().nonnegative() })
  .meta({ ref: "EndedSessions" });
export type EndedSessions = z.output<typeof EndedSessions>;

/** `GET /api/sessions/verify`: whom the credential that was sent speaks for, checked with the session itself. */
export const VerifiedSession = z
  .object({ userId: z.string(), sessionId: z.string(), keyId: z.string().nullable(), role: z.string() })
  .meta({ ref: "VerifiedSession" });

/** `GET /last-connection` (C20). Null for somebody who never signed in, such as a service account. */
export const LastConnection = z
  .object({ userId: z.string(), lastConnection: z.iso.datetime().nullable() })
  .meta({ ref: "LastConnection" });

/** `POST …/logout`: the refresh token names the session to end where no other credential does. */
export const LogoutRequest = z
  .strictObject({ refreshToken: z.string().min(1).max(512).optional() })
  .meta({ ref: "LogoutRequest", examples: [{ refreshToken: "refresh.v1.…" }] });

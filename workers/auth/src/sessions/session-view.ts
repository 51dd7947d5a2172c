import type { SessionView } from "../../../../shared/contracts/sessions.ts";
import type { Session } from "./session-rules.ts";

/** A session as its user sees it. @param currentId the session that is asking */
export function viewSession(userId: string, session: Session, currentId: string): SessionView {
  return {
    id: session.id,
    userId,
    kind: session.kind,
    createdAt: new Date(session.createdAt).toISOString(),
    lastSeenAt: new Date(session.lastSeenAt).toISOString(),
    expiresAt: new Date(session.idleExpiresAt).toISOString(),
    ip: session.ip,
    userAgent: session.userAgent,
    method: session.method,
    current: session.id === currentId,
  };
}

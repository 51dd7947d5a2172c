/** Who receives an event after it stands in the log. Each acknowledges for itself. */
const SUBSCRIBERS = ["search", "webhooks", "auth", "images", "orders"] as const;
export type Subscriber = (typeof SUBSCRIBERS)[number];

interface EventKind {
  /** The audit action in the source's spelling (S4.23, C30). */
  action: string;
  subscribers: readonly Subscriber[];
}

const EVERYONE = ["search", "webhooks"] as const;
/** Events about credentials are searched by their owner and never leave for other people's servers. */
const OWNER_ONLY = ["search"] as const;
/** An account's end is told to every service that keeps something about people. */
const ALL_WHO_ERASE = SUBSCRIBERS;

/** Every kind of event, the audit action it stands for, and who is told. */
export const EVENT_KINDS = {
  "user.registered": { action: "USER_REGISTER", subscribers: EVERYONE },
  "user.updated": { action: "USER_UPDATE", subscribers: EVERYONE },
  "user.password_changed": { action: "PASSWORD_CHANGE", subscribers: OWNER_ONLY },
  "user.role_changed": { action: "ADMIN_ROLE", subscribers: OWNER_ONLY },
  "user.exported": { action: "USER_EXPORT", subscribers: OWNER_ONLY },
  "user.erased": { action: "USER_ERASE", subscribers: ALL_WHO_ERASE },
  "session.opened": { action: "USER_LOGIN", subscribers: OWNER_ONLY },
  "session.refreshed": { action: "TOKEN_REFRESH", subscribers: OWNER_ONLY },
  "session.revoked": { action: "SESSION_REVOKE", subscribers: OWNER_ONLY },
  "key.created": { action: "KEY_CREATE", subscribers: OWNER_ONLY },
  "key.revoked": { action: "KEY_REVOKE", subscribers: OWNER_ONLY },
  "login.failed": { action: "LOGIN_FAILED", subscribers: OWNER_ONLY },
  "signing_key.rotated": { action: "ADMIN_KEY_ROTATE", subscribers: OWNER_ONLY },
  "event.redriven": { action: "ADMIN_EVENT_REDRIVE", subscribers: OWNER_ONLY },
  "job.redriven": { action: "ADMIN_JOB_REDRIVE", subscribers: OWNER_ONLY },
  "file.uploaded": { action: "FILE_UPLOAD", subscribers: EVERYONE },
  "file.updated": { action: "FILE_UPDATE", subscribers: EVERYONE },
  "file.lost": { action: "FILE_LOST", subscribers: EVERYONE },
  "file.deleted": { action: "FILE_DELETE", subscribers: EVERYONE },
  "image.uploaded": { action: "IMAGE_UPLOAD", subscribers: EVERYONE },
  "image.updated": { action: "IMAGE_UPDATE", subscribers: EVERYONE },
  "image.completed": { action: "IMAGE_PROCESSED", subscribers: EVERYONE },
  "image.failed": { action: "IMAGE_FAILED", subscribers: EVERYONE },
  "image.deleted": { action: "IMAGE_DELETE", subscribers: EVERYONE },
  "share.created": { action: "SHARE_CREATE", subscribers: EVERYONE },
  "share.first_used": { action: "SHARE_FIRST_USE", subscribers: EVERYONE },
  "share.revoked": { action: "SHARE_REVOKE", subscribers: EVERYONE },
  "order.created": { action: "ORDER_CREATE", subscribers: EVERYONE },
  "order.updated": { action: "ORDER_UPDATE", subscribers: EVERYONE },
  "order.status_changed": { action: "ORDER_STATUS", subscribers: EVERYONE },
  "order.cancelled": { action: "ORDER_CANCEL", subscribers: EVERYONE },
  "webhook.created": { action: "WEBHOOK_CREATED", subscribers: OWNER_ONLY },
  "webhook.updated": { action: "WEBHOOK_UPDATED", subscribers: OWNER_ONLY },
  "webhook.rotated": { action: "WEBHOOK_ROTATED", subscribers: OWNER_ONLY },
  "webhook.deleted": { action: "WEBHOOK_DELETED", subscribers: OWNER_ONLY },
  // For everyone: whoever has a second webhook hears there that the first was given up.
  "webhook.disabled": { action: "WEBHOOK_DISABLED", subscribers: EVERYONE },
} as const satisfies Record<string, EventKind>;

export type EventType = keyof typeof EVENT_KINDS;

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Who did it, from where. System work (a resize) has no user at the keyboard and keeps its owner's id. */
export interface EventActor {
  userId: string | null;
  sessionId: string | null;
  keyId: string | null;
  ip: string | null;
  userAgent: string | null;
}

/**
 * Something that happened, written in the same transaction as the row it tells of.
 * The shape only grows: seven Workers never switch at the same second.
 */
export interface DomainEvent {
  /** UUID version 7. Consumers drop an id they have seen. */
  id: string;
  type: EventType;
  /** Whose log it belongs to: a user's id, or `system`. */
  account: string;
  actor: EventActor;
  /** The id of the thing it is about. */
  resource: string;
  /** Counts up per resource, from 1. */
  sequence: number;
  metadata: Record<string, JsonValue>;
  /** ISO 8601, UTC. */
  occurredAt: string;
  requestId: string | null;
}

/** The log of acts that belong to nobody known, such as a login with an unknown address. */
export const SYSTEM_ACCOUNT = "system";

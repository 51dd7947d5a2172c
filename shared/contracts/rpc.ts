import type { JSONWebKeySet } from "jose";
import type { Result } from "../result.ts";
import type { DomainEvent } from "./events.ts";
import type { JobKind } from "./images.ts";
import type { DataService } from "./personal-data.ts";
import type { VariantFormat, VariantName } from "./variants.ts";

/** Where a request came from, and which method, path and headers it had, for credentials that look at them. */
export interface CredentialUse {
  ip: string | null;
  userAgent: string | null;
  /** What a signed request covers (RFC 9421); the URL as the client wrote it. */
  method: string;
  url: string;
  headers: [name: string, value: string][];
}

/** What a cookie or an API key is good for: a token for this one user and session. */
export interface ExchangedCredential {
  accessToken: string;
  /** Unix milliseconds until which the gateway may go on using it. */
  freshUntil: number;
  /** Unix milliseconds from which on the credential opens nothing, if it is not prolonged. An older auth does not say. */
  expiresAt?: number;
  userId: string;
  sessionId: string;
  /** True when every single request must be shown to auth, because each one carries a signature of its own. */
  everyRequest: boolean;
}

/** A session or key that was ended before its tokens ran out. */
export interface Revocation {
  sessionId: string;
  /** Unix milliseconds after which no token of it can be alive. */
  until: number;
}

/** What the auth Worker promises the other Workers. */
export interface AuthApi {
  /** The public keys that access tokens verify against (RFC 7517). */
  jwks(): Promise<JSONWebKeySet>;
  /** Whether this user still exists; what an order is checked against (S1.29). */
  userExists(userId: string): Promise<boolean>;
  /** Trades a session cookie or an API key for an access token of a minute (phantom token). */
  exchange(
    credential: string,
    use: CredentialUse,
  ): Promise<Result<ExchangedCredential, "invalid_credential" | "invalid_signature">>;
  /** Revocations published after a cursor, oldest first, and the next cursor; 0 begins. */
  revocations(after: number): Promise<{ revocations: Revocation[]; cursor: number }>;
  /** Whether this session or key is live now, asked of the object that holds it. */
  sessionIsLive(userId: string, sessionId: string): Promise<boolean>;
}

/** An event that could not be appended, and why. */
export interface Refusal {
  id: string;
  reason: string;
}

/** What became of the events of the last take. */
export interface Settlement {
  appended: string[];
  refused: Refusal[];
}

/** Says that a home of events has some. `object` names the Durable Object that holds them, null the service's database. */
export interface EventsWaiting {
  service: EventSource;
  object: string | null;
}

/** The services that write events. */
export const EVENT_SOURCES = ["auth", "images", "orders", "webhooks"] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** An event that the log refused for good, without what it says of people. */
export interface SetAsideNote extends Pick<DomainEvent, "id" | "type" | "account" | "resource" | "occurredAt"> {
  reason: string;
  tries: number;
}

/** Who asks for something in the name of a request. An `Actor` is one, but a set of permissions cannot be sent. */
export interface RequestOrigin {
  userId: string | null;
  sessionId: string | null;
  keyId: string | null;
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/** What every service that writes events promises the audit Worker. */
export interface OutboxApi {
  /**
   * Settles the events of the last take, then answers the next ones, oldest first.
   * @param object the Durable Object that holds them, null for the service's database
   * @param limit how many at most; 0 only settles
   */
  takeEvents(object: string | null, settlement: Settlement, limit: number): Promise<DomainEvent[]>;
  /** Events that the log refused for good, oldest first. */
  setAsideEvents(limit: number): Promise<SetAsideNote[]>;
  /**
   * Offers events anew that the log refused for good, and notes who wanted that.
   * @param eventId which; null for the oldest ninety
   * @returns how many
   */
  redriveEvents(origin: RequestOrigin, eventId: string | null): Promise<number>;
}

/** An event as it stands in its account's log. */
export interface LoggedEvent extends DomainEvent {
  /** Its place in the account's log, from 0. */
  index: number;
}

/** What the webhooks Worker promises the audit Worker. */
export interface WebhooksApi {
  /** Takes logged events over; returning is the acknowledgement. An id seen before changes nothing. */
  acceptEvents(events: LoggedEvent[]): Promise<void>;
}

/** Some of what a service knows of a user, as JSON lines that each end in a line feed. */
export interface ExportPage {
  lines: string;
  /** How many lines. */
  records: number;
  /** Where the next page begins, null after the last. */
  next: string | null;
}

/** What every service that keeps something about people promises the audit Worker. Every call may be repeated. */
export interface PersonalDataApi {
  /**
   * A page of what the service knows of a user.
   * @param cursor `next` of the page before, null for the first
   */
  exportPage(userId: string, cursor: string | null): Promise<ExportPage>;
  /** Erases some of what the service knows of a user, as much as one call should. Answers whether nothing is left. */
  eraseUser(userId: string): Promise<boolean>;
}

export interface AuthPersonalDataApi extends PersonalDataApi {
  /** Notes that a service has erased a user. */
  noteErased(userId: string, service: DataService): Promise<void>;
}

export interface ImagesPersonalDataApi extends PersonalDataApi {
  /** A zip of all files of a user as they were uploaded, made while it is read. */
  openPhotosZip(userId: string): Promise<ReadableStream<Uint8Array>>;
}

/** What the images Worker promises whoever deals in photos. */
export interface ImagesApi {
  /** Which of these photos are a user's. @param imageIds at most 50 */
  ownedImages(userId: string, imageIds: string[]): Promise<string[]>;
}

/** A resize job that an attempt has claimed. */
export interface ClaimedJob {
  jobId: string;
  imageId: string;
  /** Names this attempt; every key it writes and every report it makes carries it. */
  attemptId: string;
  /** Which try this is, from 1. */
  attempt: number;
  /** Size of the original in bytes. */
  bytes: number;
  mimeType: string;
  kind: JobKind;
  /** Each size is to be encoded in each of them. */
  formats: VariantFormat[];
}

/**
 * Why a claim was refused. `not_claimable`: done, failed, deleted, or another attempt holds the lease;
 * the row is the truth, so the message that asked may be dropped.
 */
export type ClaimRefusal = "not_claimable";

/** `attempt_lost`: the lease went to another attempt, or the image was deleted meanwhile. */
export type JobRefusal = "attempt_lost";

export interface StoredVariant {
  name: VariantName;
  format: VariantFormat;
  /** Pixels. */
  width: number;
  height: number;
}

/** What stands in for a picture while it loads. */
export interface Placeholder {
  /** The whole picture in about 25 bytes (https://evanw.github.io/thumbhash), as base64. */
  thumbHash: string;
  /** `#rrggbb`; null where every pixel is transparent. */
  dominantColour: string | null;
}

export interface JobFailure {
  /** A stable snake_case reason, such as `undecodable_image`. */
  code: string;
  /** A sentence for the person who uploaded. */
  detail: string;
  /** True when trying again cannot help: the job is marked failed at once. */
  permanent: boolean;
}

/** What the images Worker promises the resizer. Every call may be repeated without harm. */
export interface JobsApi {
  claimJob(jobId: string): Promise<Result<ClaimedJob, ClaimRefusal>>;
  /** The original's bytes. Prolongs the lease. */
  openOriginal(jobId: string, attemptId: string): Promise<Result<ReadableStream<Uint8Array>, JobRefusal>>;
  /** Stores one encoded variant under a key that carries the attempt id. Prolongs the lease. */
  storeVariant(
    jobId: string,
    attemptId: string,
    variant: StoredVariant,
    bytes: Uint8Array,
  ): Promise<Result<null, JobRefusal>>;
  /** Makes the stored variants the image's own, in one transaction guarded by attempt and generation. */
  completeJob(jobId: string, attemptId: string, placeholder: Placeholder): Promise<Result<null, JobRefusal>>;
  /** Ends the attempt: back to waiting, or failed for good when permanent or the last attempt. */
  failJob(jobId: string, attemptId: string, failure: JobFailure): Promise<Result<null, JobRefusal>>;
}

/** The request that work is done for, for log lines and traces. Null where nobody knows it any more. */
export interface WorkOrigin {
  requestId: string | null;
  /** W3C trace context (https://www.w3.org/TR/trace-context/). */
  traceparent: string | null;
}

/** The body of a resize message: a nudge. The job's row is the job. */
export interface ResizeNudge extends WorkOrigin {
  jobId: string;
}

import type { JSONWebKeySet } from "jose";
import type { Result } from "../result.ts";
import type { DomainEvent } from "./events.ts";
import type { JobKind } from "./images.ts";
import type { VariantFormat, VariantName } from "./variants.ts";

/** What the auth Worker promises the other Workers. */
export interface AuthApi {
  /** The public keys that access tokens verify against (RFC 7517). */
  jwks(): Promise<JSONWebKeySet>;
  /** Whether this user still exists; what an order is checked against (S1.29). */
  userExists(userId: string): Promise<boolean>;
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
export const EVENT_SOURCES = ["auth", "images", "orders"] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** What every service that writes events promises the audit Worker. */
export interface OutboxApi {
  /**
   * Settles the events of the last take, then answers the next ones, oldest first.
   * @param object the Durable Object that holds them, null for the service's database
   * @param limit how many at most; 0 only settles
   */
  takeEvents(object: string | null, settlement: Settlement, limit: number): Promise<DomainEvent[]>;
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

/** The body of a resize message: a nudge. The job's row is the job. */
export interface ResizeNudge {
  jobId: string;
}

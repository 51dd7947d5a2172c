import type { WorkOrigin } from "../../../../shared/contracts/rpc.ts";
import type { Uploader } from "../uploads/ingest.ts";

/** What an upload became. Image and job are null for a file that is no photo. */
export interface Outcome {
  fileId: string;
  imageId: string | null;
  jobId: string | null;
}

/** One upload, as its Durable Object keeps it. */
export interface SessionRecord {
  /** The file will have it too, so that finishing twice makes one file. */
  id: string;
  /** Who sent the last request, in whose name the file is made. */
  uploader: Uploader;
  origin: WorkOrigin;
  /** Where the bytes lie, or will. */
  key: string;
  name: string | null;
  /** `Upload-Metadata` as it was sent: the protocol wants it back unchanged. */
  metadata: string | null;
  /** Bytes; null while the client does not know. */
  length: number | null;
  /** Bytes that came and are kept, here or in the bucket. */
  offset: number;
  /** Unix milliseconds. */
  expiresAt: number;
  /** The object that is being stored part by part; null while all that came fits into one part. */
  multipartId: string | null;
  parts: R2UploadedPart[];
  /** Bytes that came after the last part, kept here. */
  tailBytes: number;
  outcome: Outcome | null;
}

/** Who sends a request, and which one it is. */
export type Sender = Pick<SessionRecord, "uploader" | "origin">;

export type NewUpload = Pick<SessionRecord, "id" | "key" | "name" | "metadata" | "length" | "expiresAt">;

/** An upload as its client sees it. */
export type UploadState = Pick<SessionRecord, "id" | "length" | "offset" | "metadata" | "expiresAt" | "outcome">;

export function stateOf({ id, length, offset, metadata, expiresAt, outcome }: SessionRecord): UploadState {
  return { id, length, offset, metadata, expiresAt, outcome };
}

export function isReceived({ length, offset }: Pick<SessionRecord, "length" | "offset">): boolean {
  return offset === length;
}

const RECORD = "record";
/** A value may have 2 MB at most. */
const PIECE_BYTES = 1024 * 1024;

function pieceName(index: number): string {
  return `tail/${index}`;
}

/** An upload in its object's storage. Nothing here waits, so what one call changes is one commit. */
export class SessionStore {
  readonly #kv: SyncKvStorage;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  read(): SessionRecord | null {
    return this.#kv.get<SessionRecord>(RECORD) ?? null;
  }

  /** Keeps an upload and the bytes that came after its last part. */
  save(record: SessionRecord, tail = new Uint8Array(0)): void {
    const before = this.read()?.tailBytes ?? 0;
    for (let at = 0; at < Math.max(before, tail.length); at += PIECE_BYTES) {
      const name = pieceName(at / PIECE_BYTES);
      // A copy: of a part of a buffer the whole would be kept.
      if (at < tail.length) this.#kv.put(name, tail.slice(at, at + PIECE_BYTES));
      else this.#kv.delete(name);
    }
    this.#kv.put(RECORD, { ...record, tailBytes: tail.length });
  }

  /** Changes what is known of an upload; its bytes stay as they are. */
  note(record: SessionRecord): void {
    this.#kv.put(RECORD, record);
  }

  /** The bytes after the last part. */
  loadTail({ tailBytes }: SessionRecord): Uint8Array<ArrayBuffer> {
    const tail = new Uint8Array(tailBytes);
    for (let at = 0; at < tailBytes; at += PIECE_BYTES) {
      const piece = this.#kv.get<Uint8Array>(pieceName(at / PIECE_BYTES));
      if (piece === undefined) throw new Error("A piece of an upload's tail is missing.");
      tail.set(piece, at);
    }
    return tail;
  }
}

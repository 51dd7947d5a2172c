import { DurableObject } from "cloudflare:workers";
import { drain } from "../../../../shared/http/drain.ts";
import { createLogger, describeError } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { type Env, readSettings } from "../env.ts";
import { FilesRepo } from "../files/files.repo.ts";
import { Objects } from "../storage/objects.ts";
import { TrashRepo } from "../storage/trash.repo.ts";
import { uploadBudget } from "../uploads/upload-budget.ts";
import type { UploadRefusal } from "../uploads/upload-refusal.ts";
import { type Append, type AppendRefusal, refusalOf, refuseAppend } from "./append.ts";
import { discardUpload } from "./discard-upload.ts";
import { type FinishDeps, finishUpload } from "./finish-upload.ts";
import { OpenUploadsRepo } from "./open-uploads.repo.ts";
import { bufferBytes, type Ending, PartWriter } from "./part-writer.ts";
import {
  isReceived,
  type NewUpload,
  type Sender,
  type SessionRecord,
  SessionStore,
  stateOf,
  type UploadState,
} from "./session-record.ts";

/** When an upload whose last byte came is tried again to be made a file: after a kill, or while the database is away. */
const FINISH_AGAIN_MS = 10_000;
/** When the removal of an upload is tried again. */
const END_AGAIN_MS = 60_000;

/**
 * One resumable upload. All that came is kept here and in the bucket before it is acknowledged, and once the last byte
 * is, the alarm sees to it that it becomes a file, whatever dies in between.
 */
export class UploadSession extends DurableObject<Env> {
  readonly #store = new SessionStore(this.ctx.storage.kv);
  readonly #objects = new Objects(this.env.BUCKET);
  readonly #uploads = new OpenUploadsRepo(this.env.DB);
  readonly #log = createLogger(this.env);
  #writer: PartWriter | null = null;
  #isFinishing = false;

  async create(upload: NewUpload, sender: Sender): Promise<void> {
    const nothing = { offset: 0, multipartId: null, parts: [], tailBytes: 0, outcome: null };
    this.#store.note({ ...upload, ...sender, ...nothing });
    await this.ctx.storage.setAlarm(upload.expiresAt);
  }

  /** Reads the upload and disturbs nothing. */
  look(): UploadState | null {
    const record = this.#store.read();
    return record === null ? null : stateOf(record);
  }

  /** Says where to go on. Whoever asks has lost the connection of the request before, which ends here. */
  resume(): UploadState | null {
    this.#takeOver();
    return this.look();
  }

  /** Takes the bytes of a request, as far as they come. */
  async append(
    append: Append,
    sender: Sender,
    body: ReadableStream<Uint8Array> | null,
  ): Promise<Result<UploadState, AppendRefusal>> {
    const record = this.#store.read();
    const refusal = record === null ? unknown() : this.#refuse(record, append);
    if (record === null || refusal !== null) {
      if (body !== null) await drain(body[Symbol.asyncIterator](), readSettings(this.env).MAX_UPLOAD_BYTES);
      return refusal ?? unknown();
    }
    if (isReceived(record)) {
      await body?.cancel();
      return this.#finished();
    }
    this.#takeOver();
    const current = { ...(this.#store.read() ?? record), ...sender, length: record.length ?? append.length };
    const ending = await this.#take(current, body ?? new Blob([]).stream());
    return this.#answer(ending);
  }

  /** Ends an upload of which nothing shall stay. What became a file already is a file like others. */
  async terminate(): Promise<Result<null, "not_found" | "busy">> {
    const record = this.#store.read();
    if (record === null) return unknown();
    if (isReceived(record) && record.outcome === null) return fail("busy", "This upload is just becoming a file.");
    await this.#end(record);
    return ok(null);
  }

  /** Ends the upload of somebody who is being erased, whatever it has become. */
  async erase(): Promise<void> {
    const record = this.#store.read();
    if (record !== null) await this.#end(record);
  }

  override async alarm(): Promise<void> {
    const record = this.#store.read();
    if (record === null) return;
    // Armed again first of all, and nothing leaves this method: an alarm that throws is gone for good after six tries.
    const isDue = isReceived(record) && record.outcome === null;
    await this.ctx.storage.setAlarm(
      isDue ? Date.now() + FINISH_AGAIN_MS : Math.max(record.expiresAt, Date.now() + END_AGAIN_MS),
    );
    try {
      if (isDue) await this.#finish(record);
      else if (Date.now() >= record.expiresAt) await this.#end(record);
    } catch (error) {
      if (this.#store.read() === null) return;
      this.#log.error("upload not finished", { uploadId: record.id, error: describeError(error) });
    }
  }

  #refuse(record: SessionRecord, append: Append) {
    const at = this.#writer?.offset ?? record.offset;
    return refuseAppend({ at, length: record.length }, append, readSettings(this.env).MAX_UPLOAD_BYTES);
  }

  async #take(record: SessionRecord, body: ReadableStream<Uint8Array>): Promise<Ending | "no room"> {
    const { MAX_UPLOAD_BYTES } = readSettings(this.env);
    const reservation = uploadBudget.reserve(bufferBytes(record, MAX_UPLOAD_BYTES));
    if (reservation === null) return "no room";
    const deps = {
      store: this.#store,
      objects: this.#objects,
      onReceived: () => void this.ctx.storage.setAlarm(Date.now() + FINISH_AGAIN_MS),
    };
    const writer = new PartWriter(deps, record, MAX_UPLOAD_BYTES);
    this.#writer = writer;
    try {
      return await writer.take(body, reservation.touch);
    } finally {
      if (this.#writer === writer) this.#writer = null;
      reservation.release();
    }
  }

  async #answer(ending: Ending | "no room"): Promise<Result<UploadState, AppendRefusal>> {
    const record = this.#store.read();
    if (record === null) return unknown();
    if (ending === "came") return isReceived(record) ? this.#finished() : ok(stateOf(record));
    // Which of its bytes are the file's nobody can say.
    if (ending === "too many") await this.#undo(record);
    return refusalOf(ending);
  }

  /** The upload with what it became. Where that cannot be done now, the alarm does it: its bytes are kept. */
  async #finished(): Promise<Result<UploadState, AppendRefusal>> {
    const record = this.#store.read();
    if (record === null) return unknown();
    try {
      const finished = await this.#finish(record);
      if (finished !== null) return finished;
    } catch (error) {
      // Where its user was erased meanwhile, the bytes went with them.
      if (this.#store.read() === null) return unknown();
      this.#log.error("upload not finished yet", { uploadId: record.id, error: describeError(error) });
    }
    const present = this.#store.read();
    return present === null ? unknown() : ok(stateOf(present));
  }

  /** @returns null where it is left to the alarm: another turn is at it, or there is no room for its bytes */
  async #finish(record: SessionRecord): Promise<Result<UploadState, UploadRefusal> | null> {
    if (record.outcome !== null) return ok(stateOf(record));
    if (this.#isFinishing) return null;
    const reservation = uploadBudget.reserve(record.tailBytes);
    if (reservation === null) return null;
    this.#isFinishing = true;
    try {
      const finished = await finishUpload(this.#finishDeps(record), record);
      if (!finished.ok) {
        await this.#undo(record);
        return finished;
      }
      // Its user may have been erased meanwhile.
      if (this.#store.read() === null) return null;
      const done = { ...record, outcome: finished.value };
      this.#store.save(done);
      await this.ctx.storage.setAlarm(record.expiresAt);
      return ok(stateOf(done));
    } finally {
      this.#isFinishing = false;
      reservation.release();
    }
  }

  #finishDeps(record: SessionRecord): FinishDeps {
    const { STORAGE_PATH, VARIANT_FORMATS } = readSettings(this.env);
    return {
      files: new FilesRepo(this.env.DB),
      objects: this.#objects,
      trash: new TrashRepo(this.env.DB),
      uploads: this.#uploads,
      loadTail: () => this.#store.loadTail(record),
      commit: committer(this.env.RELAY.getByName(RELAY_NAME), this.ctx),
      storagePath: STORAGE_PATH,
      formats: VARIANT_FORMATS,
    };
  }

  #takeOver(): void {
    this.#writer?.stop();
    this.#writer = null;
  }

  /** Leaves nothing of an upload but the file that it may have become. */
  async #end(record: SessionRecord, close = ({ id }: SessionRecord) => this.#uploads.close(id)): Promise<void> {
    this.#takeOver();
    await discardUpload({ objects: this.#objects, close }, this.#store.read() ?? record);
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Ends an upload that was refused: whoever begins it again begins anew, and is told why as the first time. */
  #undo(record: SessionRecord): Promise<void> {
    return this.#end(record, ({ id, uploader }) => this.#uploads.takeBack(id, uploader.userId));
  }
}

function unknown() {
  return fail("not_found", "There is no such upload.");
}

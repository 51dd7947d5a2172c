import type { JobKind } from "../../../shared/contracts/images.ts";
import type {
  ClaimedJob,
  JobFailure,
  JobRefusal,
  JobsApi,
  Placeholder,
  StoredVariant,
} from "../../../shared/contracts/rpc.ts";
import type { VariantFormat } from "../../../shared/contracts/variants.ts";
import { newId } from "../../../shared/ids.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";

/** The images Worker's side of one job, kept in memory. */
export class FakeImages implements JobsApi {
  readonly jobId = newId();
  readonly stored: Array<StoredVariant & { bytes: Uint8Array }> = [];
  readonly failures: JobFailure[] = [];
  completed = false;
  placeholder: Placeholder | null = null;
  kind: JobKind = "eager";
  formats: VariantFormat[] = ["webp"];
  claimable = true;
  /** From the call of this name on, the lease belongs to somebody else. */
  loseAt: keyof JobsApi | null = null;
  /** The call of this name throws, as a service that is away does. */
  breakAt: keyof JobsApi | null = null;
  readonly #original: Uint8Array;
  readonly #attemptId = newId();

  constructor(original: Uint8Array) {
    this.#original = original;
  }

  async claimJob(jobId: string): Promise<Result<ClaimedJob, "not_claimable">> {
    this.#breakIfTold("claimJob");
    if (!this.claimable || jobId !== this.jobId) return fail("not_claimable", "There is nothing to do.");
    const bytes = this.#original.length;
    const job = { jobId, imageId: newId(), attemptId: this.#attemptId, attempt: 1, bytes, mimeType: "image/jpeg" };
    return ok({ ...job, kind: this.kind, formats: this.formats });
  }

  async openOriginal(_jobId: string, attemptId: string): Promise<Result<ReadableStream<Uint8Array>, JobRefusal>> {
    const lost = this.#check("openOriginal", attemptId);
    return lost ?? ok(new Blob([this.#original]).stream());
  }

  async storeVariant(_jobId: string, attemptId: string, variant: StoredVariant, bytes: Uint8Array) {
    const lost = this.#check("storeVariant", attemptId);
    if (lost === null) this.stored.push({ ...variant, bytes: bytes.slice() });
    return lost ?? ok(null);
  }

  async completeJob(_jobId: string, attemptId: string, placeholder: Placeholder) {
    const lost = this.#check("completeJob", attemptId);
    if (lost === null) {
      this.completed = true;
      this.placeholder = placeholder;
    }
    return lost ?? ok(null);
  }

  async failJob(_jobId: string, attemptId: string, failure: JobFailure) {
    const lost = this.#check("failJob", attemptId);
    if (lost === null) this.failures.push(failure);
    return lost ?? ok(null);
  }

  #check(call: keyof JobsApi, attemptId: string) {
    this.#breakIfTold(call);
    if (attemptId !== this.#attemptId) throw new Error("an attempt id that was never given out");
    return this.loseAt === call ? fail("attempt_lost", "Another attempt has it.") : null;
  }

  #breakIfTold(call: keyof JobsApi): void {
    if (this.breakAt === call) throw new Error(`${call}: the images service is away`);
  }
}

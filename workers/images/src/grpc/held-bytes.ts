import type { Reservation, UploadBudget } from "../uploads/upload-budget.ts";

/** Counts, against the isolate's budget, what a call holds in memory while its message arrives. */
export class HeldBytes {
  readonly #budget: Pick<UploadBudget, "reserve">;
  #bytes = 0;
  #reservation: Reservation | null = null;

  constructor(budget: Pick<UploadBudget, "reserve">) {
    this.#budget = budget;
  }

  /** @returns false when the budget does not have that many bytes more. */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    this.#reservation?.release();
    this.#reservation = this.#budget.reserve(this.#bytes);
    return this.#reservation !== null;
  }

  release(): void {
    this.#reservation?.release();
  }
}

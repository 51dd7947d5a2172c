import { describe, expect, it } from "vitest";
import { Slot } from "../../../workers/resizer/src/slot.ts";

const NOW = 1_800_000_000_000;
const SECOND_MS = 1_000;

describe("the slot", () => {
  it("holds one job at a time", () => {
    const slot = new Slot();
    const ticket = slot.take(NOW);
    expect(ticket).not.toBeNull();
    expect(slot.take(NOW + SECOND_MS)).toBeNull();
    slot.free(ticket!);
    expect(slot.take(NOW + SECOND_MS)).not.toBeNull();
  });

  it("is free again after the deadline of a job that never came back", () => {
    const slot = new Slot();
    slot.take(NOW);
    expect(slot.take(NOW + 89 * SECOND_MS)).toBeNull();
    expect(slot.take(NOW + 90 * SECOND_MS)).not.toBeNull();
  });

  it("cannot be freed by a job that was thought gone", () => {
    const slot = new Slot();
    const gone = slot.take(NOW);
    slot.take(NOW + 90 * SECOND_MS);
    slot.free(gone!);
    expect(slot.take(NOW + 91 * SECOND_MS)).toBeNull();
  });
});

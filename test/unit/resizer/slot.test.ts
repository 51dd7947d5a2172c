import { describe, expect, it } from "vitest";
import { Slot } from "../../../workers/resizer/src/slot.ts";

const NOW = 1_800_000_000_000;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

describe("the slot", () => {
  it("holds one job at a time", () => {
    const slot = new Slot();
    const ticket = slot.take(NOW);
    expect(ticket).not.toBeNull();
    expect(slot.take(NOW + SECOND_MS)).toBeNull();
    slot.free(ticket!);
    expect(slot.take(NOW + SECOND_MS)).not.toBeNull();
  });

  it("is free again 3 s after somebody came, when its job gives no sign of life", () => {
    const slot = new Slot();
    slot.take(NOW);
    const found = [0, 1, 2, 3].map((seconds) => slot.take(NOW + HOUR_MS + seconds * SECOND_MS) !== null);
    expect(found).toEqual([false, false, false, true]);
  });

  it("stays with a job that gives signs of life, however long it takes", () => {
    const slot = new Slot();
    const ticket = slot.take(NOW);
    for (let seconds = 0; seconds < 600; seconds += 2) {
      expect(slot.take(NOW + seconds * SECOND_MS)).toBeNull();
      slot.sign(ticket!);
    }
  });

  it("stays with a job that computed for a minute and has just asked for something", () => {
    const slot = new Slot();
    const ticket = slot.take(NOW);
    expect(slot.take(NOW)).toBeNull();
    slot.sign(ticket!);
    expect(slot.take(NOW + 60 * SECOND_MS)).toBeNull();
  });

  it("judges each job by its own silence", () => {
    const slot = new Slot();
    const first = slot.take(NOW);
    expect(slot.take(NOW + SECOND_MS)).toBeNull();
    slot.free(first!);
    slot.take(NOW + 3 * SECOND_MS);
    expect(slot.take(NOW + 4 * SECOND_MS)).toBeNull();
  });

  it("cannot be freed by a job that was thought gone", () => {
    const slot = new Slot();
    const gone = slot.take(NOW);
    expect(slot.take(NOW)).toBeNull();
    expect(slot.take(NOW + 3 * SECOND_MS)).not.toBeNull();
    slot.free(gone!);
    expect(slot.take(NOW + 4 * SECOND_MS)).toBeNull();
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lengthOf, piecesOf, readCuts, slicePieces, writeCuts } from "../../../../workers/images/src/privacy/cuts.ts";
import { applied } from "./samples.ts";

/** A file of up to a few hundred bytes, and cuts in it: gaps and cuts in turn. */
const plans = fc
  .array(
    fc.record({
      kept: fc.integer({ min: 1, max: 20 }),
      length: fc.integer({ min: 0, max: 20 }),
      insert: fc.option(fc.uint8Array({ minLength: 1, maxLength: 5 }), { nil: undefined }),
    }),
    { maxLength: 8 },
  )
  .map((turns) => {
    let at = 0;
    const cuts = turns.map(({ kept, length, insert }) => {
      const offset = at + kept;
      at = offset + length;
      return insert === undefined ? { offset, length } : { offset, length, insert: Uint8Array.from(insert) };
    });
    return { bytes: at + 7, cuts };
  });

const fileOf = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => i & 255);

describe("cuts", () => {
  test("leave every byte that they do not name, and no other", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const file = fileOf(plan.bytes);
        const expected: number[] = [];
        for (let at = 0; at <= file.length; at++) {
          for (const cut of plan.cuts) if (cut.offset === at) expected.push(...(cut.insert ?? []));
          const isCut = plan.cuts.some((cut) => at >= cut.offset && at < cut.offset + cut.length);
          if (!isCut && at < file.length) expected.push(at & 255);
        }
        const pieces = piecesOf(plan);
        expect([...applied(file, pieces)]).toEqual(expected);
        expect(lengthOf(pieces)).toBe(expected.length);
      }),
    );
  });

  test("give of any range what the same range of the whole gives", () => {
    fc.assert(
      fc.property(plans, fc.nat(400), fc.nat(400), (plan, offset, length) => {
        const file = fileOf(plan.bytes);
        const pieces = piecesOf(plan);
        const part = applied(file, slicePieces(pieces, { offset, length }));
        expect(part).toEqual(applied(file, pieces).slice(offset, offset + length));
      }),
    );
  });

  test("come back from their text as they were", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        fc.pre(plan.cuts.length > 0);
        expect(readCuts(writeCuts(plan))).toEqual(plan);
      }),
    );
  });

  test.each(["", "12", "12*", "12*1", "12*1.2", "12*1.2.f", "12*1.2.ff*", "a*1.2.", "12*-1.2."])(
    "are not read from %j, so that nothing leaves uncut by mistake",
    (text) => {
      expect(readCuts(text)).toBeNull();
    },
  );
});

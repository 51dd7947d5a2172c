import { describe, expect, test } from "vitest";
import { cutsForOthers, cutsForOwner, whatLeaves } from "../../../../workers/images/src/privacy/leaving.ts";
import { scanOf } from "../../../../workers/images/src/privacy/scanner.ts";

describe("what may leave", () => {
  test("of a file that was not seen whole is not known", () => {
    const scan = scanOf("image/jpeg");
    scan?.push(Uint8Array.of(0xff, 0xd8));
    expect(whatLeaves(scan, 3)).toEqual({ cuts: null, metadataFound: null });
  });

  test("of a file that is not looked at is all of it", () => {
    expect(whatLeaves(scanOf("application/pdf"), 3)).toEqual({ cuts: "", metadataFound: [] });
  });

  test.each([
    ["shared", "unscanned", undefined],
    ["always", "unscanned", "unscanned"],
    ["never", undefined, undefined],
  ] as const)("of a file that nobody has looked at, with %s, is looked at when it leaves", (mode, others, owner) => {
    expect([cutsForOthers(mode, null), cutsForOwner(mode, null)]).toEqual([others, owner]);
  });

  test.each(["shared", "always", "never"] as const)("of sizes and of clean files is all, with %s", (mode) => {
    for (const cuts of [undefined, ""]) expect(cutsForOthers(mode, cuts)).toBeUndefined();
    expect(cutsForOwner(mode, "")).toBeUndefined();
  });
});

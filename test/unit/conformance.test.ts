import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../conformance/checks/index.mjs";
import { judge } from "../conformance/lib/judge.mjs";
import openRows from "../conformance/open-rows.json";
import { REQUIRED_ROWS } from "../conformance/rows.mjs";

const mission = readFileSync(join(import.meta.dirname, "../../docs/mission.md"), "utf8");
const missionRows = [...mission.matchAll(/^- \*\*(S\d\.\d+)\*\* /gm)].map(([, row]) => row);
const checkedRows = CHECKS.map(({ row }) => row);

describe("the conformance checks", () => {
  it("are exactly one for every row that a client can see", () => {
    expect([...checkedRows].sort()).toEqual([...REQUIRED_ROWS].sort());
  });

  it("name rows of docs/mission.md only", () => {
    expect(checkedRows.filter((row) => !missionRows.includes(row))).toEqual([]);
  });

  it("each run a function of their own, named after its promise", () => {
    expect(new Set(CHECKS.map(({ run }) => run)).size).toBe(CHECKS.length);
    for (const { run } of CHECKS) expect(run.name).toMatch(/^[a-z]+[A-Z]/);
  });

  it("are listed open only where they exist", () => {
    expect(Object.keys(openRows).filter((row) => !checkedRows.includes(row))).toEqual([]);
  });
});

describe("docs/mission.md", () => {
  it("holds all 394 rows of the five source systems, each once", () => {
    expect(missionRows).toHaveLength(394);
    expect(new Set(missionRows).size).toBe(394);
  });

  it("resolves all 33 conflicts", () => {
    expect([...mission.matchAll(/^\| C\d+ \|/gm)]).toHaveLength(33);
  });
});

describe("a row's outcome", () => {
  it("is PASS when the check holds and FAIL with what was wrong when it does not", () => {
    expect(judge("S2.41", null, null)).toEqual({ outcome: "PASS", detail: null });
    expect(judge("S2.41", "expected 202, got 500", null)).toEqual({
      outcome: "FAIL",
      detail: "expected 202, got 500",
    });
  });

  it("is OPEN when an open row's check does not hold yet", () => {
    expect(judge("S3.16", "expected 200, got 404", "not built")).toEqual({ outcome: "OPEN", detail: "not built" });
  });

  it("is FAIL when an open row's check holds, so that the list shrinks", () => {
    expect(judge("S3.16", null, "not built")).toEqual({
      outcome: "FAIL",
      detail: "S3.16 passes: take it off the list",
    });
  });
});

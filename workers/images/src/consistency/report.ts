import type { CheckReport, FindingKind } from "../../../../shared/contracts/consistency.ts";
import { newId } from "../../../../shared/ids.ts";

/** Findings that a report names; the others are counted only. */
const NAMED_MAX = 100;

/** How far a run has come: first the images by id, then the bucket by key. */
export interface Place {
  stage: "images" | "bucket";
  /** The last id or key that was looked at. */
  after: string;
}

/** A run that is under way. */
export interface Run {
  report: CheckReport;
  place: Place;
  /** Objects without a row that are younger, in milliseconds, are left alone. */
  olderThanMs: number;
}

export function newRun(olderThanMs: number): Run {
  const report: CheckReport = {
    id: newId(),
    startedAt: new Date().toISOString(),
    finishedAt: null,
    checked: { images: 0, objects: 0 },
    repaired: {},
    left: 0,
    findings: [],
  };
  return { report, place: { stage: "images", after: "" }, olderThanMs };
}

/** Writes down what was put right. @param subjects keys of objects, or ids of photos */
export function noteRepairs(report: CheckReport, kind: FindingKind, subjects: string[]): void {
  if (subjects.length === 0) return;
  report.repaired[kind] = (report.repaired[kind] ?? 0) + subjects.length;
  const room = Math.max(0, NAMED_MAX - report.findings.length);
  report.findings.push(...subjects.slice(0, room).map((subject) => ({ kind, subject })));
}

export function repairsIn({ repaired }: CheckReport): number {
  return Object.values(repaired).reduce((sum, count) => sum + count, 0);
}

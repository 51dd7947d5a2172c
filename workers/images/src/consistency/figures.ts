import type { Sample } from "../../../../shared/contracts/metrics.ts";
import type { Env } from "../env.ts";
import { CHECK_NAME } from "./consistency-check.do.ts";
import { repairsIn } from "./report.ts";

/** What the last check has left, for `/health`. Nothing before there was one. */
export async function consistencyFigures(env: Pick<Env, "CONSISTENCY">): Promise<Record<string, number>> {
  const { last } = await env.CONSISTENCY.getByName(CHECK_NAME).reports();
  return last === null ? {} : { orphans: last.left };
}

/** How the last check ended, and how long ago that is. Nothing before there was one. */
export async function consistencyGauges(env: Pick<Env, "CONSISTENCY">, now = Date.now()): Promise<Sample[]> {
  const { last } = await env.CONSISTENCY.getByName(CHECK_NAME).reports();
  if (last === null || last.finishedAt === null) return [];
  const ageMs = Math.max(0, now - Date.parse(last.finishedAt));
  return [
    { name: "halftone_orphans", labels: {}, value: last.left },
    { name: "halftone_fsck_repairs", labels: {}, value: repairsIn(last) },
    { name: "halftone_fsck_age_seconds", labels: {}, value: ageMs / 1_000 },
  ];
}

import type { VariantFormat } from "../../../../shared/contracts/variants.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import type { FilesRepo } from "../files/files.repo.ts";
import type { ImagesRepo } from "../images/images.repo.ts";
import { fileOfKey } from "../storage/keys.ts";
import type { ListedObject, Objects } from "../storage/objects.ts";
import type { TrashRepo } from "../storage/trash.repo.ts";
import { remakeImage } from "./check-images.ts";
import type { ConsistencyRepo, NamedObject } from "./consistency.repo.ts";
import { loseOriginal } from "./lose-original.ts";
import { noteRepairs, type Place, type Run } from "./report.ts";

export interface CheckBucketDeps {
  rows: Pick<ConsistencyRepo, "discardStrays" | "forgetSize" | "markLost" | "named" | "remake">;
  files: Pick<FilesRepo, "find" | "isImage">;
  images: Pick<ImagesRepo, "findWhole">;
  objects: Pick<Objects, "delete" | "head" | "listAfter">;
  trash: Pick<TrashRepo, "forget">;
  commit: Commit;
  formats: VariantFormat[];
  storagePath: string;
}

/** Objects of one step. Should all of them be strays, forgetting them in the trash takes six statements. */
const PAGE = 500;
/** Rows without an object that one step looks at: each costs up to four calls, and a turn may make 50. */
const MISSING_MAX = 8;

/**
 * Compares a page of the bucket with the rows that name objects in it. Nothing is written twice under a key, so what
 * no row names or is about to name after it was listed will never be named.
 * @returns where to go on; null at the end
 */
export async function checkBucket(deps: CheckBucketDeps, run: Run): Promise<Place | null> {
  const { report, place } = run;
  const { objects, isLast } = await deps.objects.listAfter(place.after, PAGE);
  const { named, end } = await rowsOfPage(deps, place.after, isLast ? null : (objects.at(-1)?.key ?? null));
  const listed = new Set(objects.map((object) => object.key));
  const missing = named.filter(({ key }) => !listed.has(key));
  // Where there is too much to be repaired in one step, the page ends earlier.
  const last = missing.length > MISSING_MAX ? (missing[MISSING_MAX - 1]?.key ?? end) : end;
  const isInPage = ({ key }: { key: string }) => last === null || key <= last;

  for (const row of missing.filter(isInPage)) await repairMissing(deps, run, row);
  const names = new Set(named.map((row) => row.key));
  const page = objects.filter(isInPage);
  await discardStrays(
    deps,
    run,
    page.filter((object) => !names.has(object.key)),
  );
  report.checked.objects += page.length;
  return last === null ? null : { stage: "bucket", after: last };
}

/** What rows name in a page, by key. The page ends earlier where rows are many and objects few. */
async function rowsOfPage(deps: CheckBucketDeps, after: string, to: string | null) {
  const { originals, sizes } = await deps.rows.named(after, to, PAGE);
  const ends = [originals, sizes].flatMap((rows) => (rows.length < PAGE ? [] : (rows.at(-1)?.key ?? [])));
  const end = ends.sort().at(0) ?? to;
  const named = [...originals, ...sizes].filter(({ key }) => end === null || key <= end);
  return { named: named.sort((one, other) => (one.key < other.key ? -1 : 1)), end };
}

/** The object may have come, or the row gone, between the two looks; so each is asked for again. */
async function repairMissing(deps: CheckBucketDeps, { report }: Run, row: NamedObject): Promise<void> {
  if ((await deps.objects.head(row.key)) !== null) return;
  if (row.isOriginal) {
    if (await loseOriginal(deps, row)) noteRepairs(report, "lost_original", [row.key]);
    return;
  }
  if (await remakeImage(deps, row.fileId)) noteRepairs(report, "lost_size", [row.key]);
  else await deps.rows.forgetSize(row.key);
}

async function discardStrays(deps: CheckBucketDeps, { report, olderThanMs }: Run, unnamed: ListedObject[]) {
  const youngest = Date.now() - olderThanMs;
  const own = unnamed.flatMap(({ key, storedAt }) => {
    const fileId = fileOfKey(deps.storagePath, key);
    return fileId === null ? [] : [{ key, fileId, isOld: storedAt <= youngest }];
  });
  const strays = own.filter(({ isOld }) => isOld);
  const discarded = await deps.commit(() => deps.rows.discardStrays(strays));
  await deps.objects.delete(discarded);
  await deps.trash.forget(discarded);
  noteRepairs(report, "stray_object", discarded);
  report.left += own.length - strays.length;
}

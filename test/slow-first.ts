import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Begun last, one of these would be waited for alone. */
const SLOW = [
  "crash",
  "personal-data",
  "readme",
  "front-line",
  "start",
  "other-starts",
  "live",
  "users-import",
  "fsck",
];

/** Vitest knows how long a file takes from the run before; a fresh clone has had none. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

function isSlow({ moduleId }: TestSpecification): boolean {
  return SLOW.some((name) => moduleId.endsWith(`/test/system/${name}.test.ts`));
}

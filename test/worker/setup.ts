import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, vi } from "vitest";
import type { TestEnv } from "./env.ts";

const { DB, MIGRATIONS, SERVICE_NAME } = env as Partial<TestEnv>;

// The files of a Worker take turns in one runtime, whose start costs more than most of them. What the Worker's modules
// remember of the file before is forgotten here, as in an isolate that starts.
vi.resetModules();

/** Empty storage and a migrated database. The resizer stores nothing. */
async function beginEmpty(): Promise<void> {
  if (SERVICE_NAME === "resizer") return;
  await reset();
  if (DB === undefined || MIGRATIONS === undefined) return;
  // One call for all of them: with some calls for each, most of what a short test takes would be this.
  await DB.batch(MIGRATIONS.flatMap(({ queries }) => queries).map((query) => DB.prepare(query)));
}

// What a file does before its tests begins on the same ground as they do.
beforeAll(beginEmpty);
beforeEach(beginEmpty);

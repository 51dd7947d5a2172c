import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach } from "vitest";
import type { TestEnv } from "./env.ts";

const { DB, MIGRATIONS, SERVICE_NAME } = env as Partial<TestEnv>;

/** Every test begins with empty storage and a migrated database. The resizer stores nothing. */
beforeEach(async () => {
  if (SERVICE_NAME === "resizer") return;
  await reset();
  if (DB === undefined || MIGRATIONS === undefined) return;
  // One call for all of them: with some calls for each, most of what a short test takes would be this.
  await DB.batch(MIGRATIONS.flatMap(({ queries }) => queries).map((query) => DB.prepare(query)));
});

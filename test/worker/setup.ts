import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach } from "vitest";
import type { TestEnv } from "./env.ts";

/** Every test begins with empty storage and a migrated database. */
beforeEach(async () => {
  await reset();
  const { DB, MIGRATIONS } = env as Partial<TestEnv>;
  if (DB !== undefined && MIGRATIONS !== undefined) await applyD1Migrations(DB, MIGRATIONS);
});

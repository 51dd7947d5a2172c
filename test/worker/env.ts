import type { D1Migration } from "cloudflare:test";
import type { JWK } from "jose";

/** What the pool adds to the bindings of the Worker under test. */
export interface TestEnv {
  SERVICE_NAME: string;
  DB: D1Database;
  MIGRATIONS: D1Migration[];
  TEST_PRIVATE_JWK: JWK;
}

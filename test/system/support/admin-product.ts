import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHalftone } from "../../../scripts/lib/halftone.mjs";
import { Client } from "./client.ts";

/** A local copy as `npm start` makes it, with its admin signed in. */
export interface AdminProduct {
  url: string;
  admin: Client;
  close(): Promise<void>;
}

export async function startAdminProduct(): Promise<AdminProduct> {
  const state = mkdtempSync(join(tmpdir(), "halftone-admin-"));
  const halftone = await startHalftone({ state, vars: { LOG_LEVEL: "error", RATE_LIMIT: "100000" } });
  if (halftone.admin === undefined) throw new Error("The copy has no admin.");
  return {
    url: halftone.url,
    admin: await Client.signIn(halftone.url, halftone.admin),
    async close() {
      await halftone.kill();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHalftone } from "../../scripts/lib/halftone.mjs";

export interface Product {
  /** Its address, such as http://localhost:43210. */
  url: string;
  close(): Promise<void>;
}

/** How long requests in flight may take when the tests are over. */
const DRAIN_MS = 2_000;

/** Starts the product as `npm start` does, with empty storage. `HALFTONE_URL` names one that runs already. */
export async function startProduct(): Promise<Product> {
  const running = process.env.HALFTONE_URL;
  if (running !== undefined) return { url: running, close: async () => {} };

  const folder = mkdtempSync(join(tmpdir(), "halftone-browser-"));
  const halftone = await startHalftone({ state: join(folder, "state"), admin: false });
  return {
    url: halftone.url,
    async close() {
      await halftone.stop(DRAIN_MS);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

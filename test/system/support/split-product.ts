import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Halftone, startHalftone } from "../../../scripts/lib/halftone.mjs";

const ALL_BUT_RESIZER = ["gateway", "auth", "images", "orders", "audit", "webhooks"];
const VARS = { LOG_LEVEL: "error", RATE_LIMIT: "100000" };

/**
 * WebAssembly pages of 64 KiB that one memory may have: 80 MiB, which leaves room in an isolate's 128 MB for the other
 * memories and JavaScript's own. The runtime itself sets no limit when it runs locally.
 */
export const ROOM_OF_AN_ISOLATE = "--wasm-max-mem-pages=1280";

/** A local copy whose resizer is started, killed and started again by itself. */
export interface SplitProduct {
  url: string;
  /** Ends the resizer's processes at once, in the middle of whatever they do. */
  killResizer(): Promise<void>;
  startResizer(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param v8Flags for the resizer's runtime alone, separated by spaces; the others would lose the password hash to a
 *   tight limit
 */
export async function startSplitProduct(v8Flags = ""): Promise<SplitProduct> {
  const state = mkdtempSync(join(tmpdir(), "halftone-split-"));
  const start = (services: string[]) => startHalftone({ services, state, bundled: true, admin: false, vars: VARS });

  let resizer = await withV8Flags(v8Flags, () => start(["resizer"]));
  let rest: Halftone;
  try {
    rest = await start(ALL_BUT_RESIZER);
  } catch (error) {
    await resizer.kill();
    throw error;
  }
  return {
    url: rest.url,
    killResizer: () => resizer.kill(),
    async startResizer() {
      resizer = await withV8Flags(v8Flags, () => start(["resizer"]));
    },
    async close() {
      await Promise.all([resizer.kill(), rest.kill()]);
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** The runtime takes its flags from the environment of the process that starts it. */
async function withV8Flags<Value>(flags: string, start: () => Promise<Value>): Promise<Value> {
  if (flags === "") return start();
  process.env.MINIFLARE_WORKERD_V8_FLAGS = flags;
  try {
    return await start();
  } finally {
    delete process.env.MINIFLARE_WORKERD_V8_FLAGS;
  }
}

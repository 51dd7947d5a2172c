import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Halftone, startHalftone } from "../../../scripts/lib/halftone.mjs";

/** What a file of tests is told of the copy. */
export interface SharedCopy {
  url: string;
  /** The folder of its data. */
  state: string;
  admin: { email: string; password: string };
}

/** The limit of requests is far away; all else is as `npm start` has it. */
const VARS = { LOG_LEVEL: "info", RATE_LIMIT: "100000" };

/** One copy of the product for all files of tests that ask for it; it is started for the first of them. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const state = mkdtempSync(join(tmpdir(), "halftone-shared-"));
  let starting: Promise<Halftone> | undefined;
  const reception = createServer(async (_request, response) => {
    try {
      starting ??= startHalftone({ state, bundled: true, vars: VARS });
      const { url, admin } = await starting;
      response.end(JSON.stringify({ url, state, admin }));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => reception.listen(0, "127.0.0.1", resolve));
  project.provide("sharedProduct", `http://127.0.0.1:${(reception.address() as AddressInfo).port}`);
  return async () => {
    reception.closeAllConnections();
    reception.close();
    await starting?.then(
      (halftone) => halftone.kill(),
      () => undefined,
    );
    rmSync(state, { recursive: true, force: true });
  };
}

declare module "vitest" {
  interface ProvidedContext {
    /** Where a file of tests asks for the shared copy. */
    sharedProduct: string;
  }
}

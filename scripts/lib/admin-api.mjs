// What an admin may ask of a copy, from the command line: the one that runs here, one started for it, or a deployment.

import { Stop } from "./command.mjs";
import { localAdmin } from "./first-admin.mjs";
import { startHalftone } from "./halftone.mjs";
import { layoutOf } from "./paths.mjs";
import { runningCommands } from "./running.mjs";

/** How long an answer may take. */
const PATIENCE_MS = 30_000;
const NEEDED = ["gateway", "auth", "images"];

/**
 * Lets an action speak with a copy as its admin.
 * @template T
 * @param {{ url?: string }} options the address of a deployment, whose key stands in HALFTONE_ADMIN_KEY; without it the
 *   copy on this machine, which is started for as long as it takes where it does not run
 * @param {(ask: (method: string, path: string, body?: object) => Promise<any>) => Promise<T>} action
 * @returns {Promise<T>}
 * @throws {Stop} where nobody answers, or not what was asked for
 */
export async function asAdmin({ url }, action) {
  if (url !== undefined) return action(asker(url, { "X-API-Key": adminKey() }));
  const layout = layoutOf();
  const running = runningCommands(layout).find(({ services }) => NEEDED.every((name) => services.includes(name)));
  if (running !== undefined) return action(await signedIn(running.url, await localAdmin(layout)));
  const copy = await startHalftone();
  try {
    return await action(await signedIn(copy.url, copy.admin));
  } finally {
    await copy.stop();
  }
}

function adminKey() {
  const key = process.env.HALFTONE_ADMIN_KEY;
  if (key === undefined) throw new Stop("Put an admin's API key with the scope system:manage into HALFTONE_ADMIN_KEY.");
  return key;
}

async function signedIn(url, { email, password }) {
  const { accessToken } = await asker(url, {})("POST", "/api/auth/login", { email, password });
  return asker(url, { Authorization: `Bearer ${accessToken}` });
}

function asker(url, credential) {
  return async (method, path, body) => {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { ...credential, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error) => {
      throw new Stop(`${url} does not answer: ${error.cause?.code ?? error.message}.`);
    });
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok)
      throw new Stop(`${method} ${path} answered ${answer.status}: ${content.detail ?? "no reason given"}`);
    return content;
  };
}

import type { DataService } from "../../../shared/contracts/personal-data.ts";
import type { LoggedEvent } from "../../../shared/contracts/rpc.ts";
import type { Env } from "./env.ts";
import { eraseInLog } from "./personal-data.ts";

/** Bounds one delivery's work: the rest waits for the log's next alarm. A hundred files each, so 10,000 files. */
const CALLS_MAX = 100;

type Erase = (env: Env, userId: string) => Promise<boolean>;

const ERASE: Record<DataService, Erase> = {
  auth: (env, userId) => env.AUTH_PERSONAL_DATA.eraseUser(userId),
  images: (env, userId) => env.IMAGES_PERSONAL_DATA.eraseUser(userId),
  orders: (env, userId) => env.ORDERS_PERSONAL_DATA.eraseUser(userId),
  audit: eraseInLog,
  webhooks: (env, userId) => env.WEBHOOKS_PERSONAL_DATA.eraseUser(userId),
};

/**
 * Erases in one service the accounts whose end is among these events, and notes it with auth, where the progress is
 * read. Every call may be repeated, so whatever is cut off is done again. Throws when a service is away or not done yet.
 */
export async function eraseIn(env: Env, service: DataService, events: LoggedEvent[]): Promise<void> {
  for (const { type, account } of events) {
    if (type !== "user.erased") continue;
    await eraseWhole(env, service, account);
    await env.AUTH_PERSONAL_DATA.noteErased(account, service);
  }
}

async function eraseWhole(env: Env, service: DataService, userId: string): Promise<void> {
  for (let calls = 0; calls < CALLS_MAX; calls++) {
    const isDone = await ERASE[service](env, userId);
    if (isDone) return;
  }
  throw new Error(`There is more to erase in ${service}.`);
}

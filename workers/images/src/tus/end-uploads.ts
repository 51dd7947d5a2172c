import type { Env } from "../env.ts";
import { OpenUploadsRepo } from "./open-uploads.repo.ts";
import { sessionOf } from "./session-of.ts";

/** What one call ends: each is a call to an object of its own. */
const UPLOADS_PER_CALL = 20;

/** Ends some of a user's uploads that are under way. @returns how many there were */
export async function endUploads(env: Env, userId: string): Promise<number> {
  const uploads = new OpenUploadsRepo(env.DB);
  const ids = await uploads.someOf(userId, UPLOADS_PER_CALL);
  for (const id of ids) {
    await sessionOf(env, userId, id).erase();
    await uploads.close(id);
  }
  return ids.length;
}

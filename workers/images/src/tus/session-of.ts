import type { Env } from "../env.ts";

/**
 * The object of one upload. Its name holds the user: somebody else's upload is another object, an empty one, and
 * nothing tells it from one that never was.
 */
export function sessionOf(env: Env, userId: string, id: string) {
  return env.UPLOADS.getByName(`${userId}/${id}`);
}

import type { User } from "../schema.ts";

/** RFC 9110 §8.8.3: a strong tag, because the version counts every change of what is shown. */
export function etagOf({ version }: Pick<User, "version">): string {
  return `"${version}"`;
}

/**
 * Whether `If-Match` lets a change of the user pass (RFC 9110 §13.1.1): it is absent, `*`, or names the user's tag. Weak
 * tags never match.
 */
export function matches(ifMatch: string | undefined, user: Pick<User, "version">): boolean {
  if (ifMatch === undefined || ifMatch.trim() === "*") return true;
  return ifMatch.split(",").some((tag) => tag.trim() === etagOf(user));
}

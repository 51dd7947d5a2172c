/** What has a version counts every change that somebody makes of it. */
interface Versioned {
  version: number;
}

/** RFC 9110 §8.8.3: a strong tag, because the version counts every change of what is shown. */
export function etagOf({ version }: Versioned): string {
  return `"${version}"`;
}

/**
 * Whether `If-Match` lets a change pass (RFC 9110 §13.1.1): it is absent, `*`, or names the thing's tag. Weak tags never
 * match.
 */
export function matches(ifMatch: string | undefined, thing: Versioned): boolean {
  if (ifMatch === undefined || ifMatch.trim() === "*") return true;
  return ifMatch.split(",").some((tag) => tag.trim() === etagOf(thing));
}

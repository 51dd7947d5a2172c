import { inject } from "vitest";
import type { Client } from "./client.ts";
import { Disk } from "./disk.ts";
import type { SharedCopy } from "./share-product.ts";

/** A local copy of the product as `npm start` makes it, in which other files of tests are at work too. */
export interface SharedProduct extends SharedCopy {
  /** The keys of everything that is stored for somebody. */
  storedObjects(person: Client): string[];
  /** The keys of what somebody is sending at the moment, from before its first byte until it is kept or given up. */
  begunObjects(person: Client): string[];
}

/**
 * The copy that all files of system tests share. Whoever uses it signs people up for itself and says nothing about
 * what is not theirs.
 */
export async function sharedProduct(): Promise<SharedProduct> {
  const answer = await fetch(inject("sharedProduct"));
  if (!answer.ok) throw new Error(`The shared copy did not start: ${await answer.text()}`);
  const copy = (await answer.json()) as SharedCopy;
  const disk = new Disk(copy.state);
  const storedObjects = ({ account }: Client) =>
    disk.storedKeys().filter((key) => key.startsWith(`${account.userId}/`));
  const begunObjects = ({ account }: Client) => {
    const rows = disk.rows<{ key: string }>(`SELECT key FROM begun_object WHERE key LIKE '${account.userId}/%'`);
    return rows.map(({ key }) => key);
  };
  return { ...copy, storedObjects, begunObjects };
}

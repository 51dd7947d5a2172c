import type { Disk } from "../system/support/disk.ts";
import type { Kind, Sent } from "./journal.ts";
import type { Told } from "./receiver.ts";
import { TOLD_OF } from "./receiver.ts";

const SIZES = "large,medium,small,thumbnail";

/** What the log must tell of each thing, once each. */
const EVENTS: Record<Kind, string[]> = {
  order: ["order.created"],
  photo: ["image.uploaded", "image.completed"],
  file: ["file.uploaded"],
};

export interface Verdict {
  sent: number;
  acknowledged: number;
  /** Not acknowledged, and done all the same: the answer was cut off. */
  doneUnheard: number;
  /** Webhooks that came more than once, under the same id. */
  repeatedWebhooks: number;
  /** Each a sentence. None: every promise was kept. */
  lost: string[];
  doubled: string[];
  half: string[];
}

/** A row that something sent has become. */
interface Row {
  kind: Kind;
  id: string;
  name: string;
}

interface Entry {
  id: string;
  account: string;
  index: number;
  type: string;
  resource: string;
}

/** Holds what lies on the disk against what the clients know and what the receiver was told. */
export function judge(disk: Disk, sent: Sent[], took: Told[]): Verdict {
  const rows = rowsOf(disk);
  const log = entriesOf(disk);
  const acknowledged = sent.filter(({ id }) => id !== null);
  const heard = new Set(acknowledged.map(({ id }) => id));
  const distinct = new Set(took.map(({ id }) => id));
  return {
    sent: sent.length,
    acknowledged: acknowledged.length,
    doneUnheard: rows.filter(({ id }) => !heard.has(id)).length,
    repeatedWebhooks: took.length - distinct.size,
    lost: lostOf(acknowledged, rows),
    doubled: [
      ...twice(rows.map(({ name }) => name)).map((name) => `${name} has several rows`),
      ...twice(log.map(({ type, resource }) => `${type} of ${resource}`)).map((what) => `${what} is in the log twice`),
      ...twice(log.map(({ account, index }) => `${index} of ${account}`)).map((what) => `place ${what} is taken twice`),
      ...twice([...new Map(took.map((one) => [one.id, `${one.type} of ${one.resource}`])).values()]).map(
        (what) => `${what} was told under two ids`,
      ),
    ],
    half: [
      ...unannounced(rows, log),
      ...gapsOf(log),
      ...difference(
        "search",
        log.map(({ id }) => id),
        disk.rows<{ id: string }>("SELECT id FROM entry").map(({ id }) => id),
      ),
      ...difference(
        "webhooks",
        log.filter(({ type }) => TOLD_OF.includes(type)).map(({ id }) => id),
        [...distinct],
      ),
      ...outOfOrder(took),
      ...unfinished(disk),
      ...lostObjects(disk),
    ],
  };
}

function rowsOf(disk: Disk): Row[] {
  const orders = disk.rows<Omit<Row, "kind">>("SELECT id, items ->> '$[0].product' AS name FROM orders");
  const photos = disk.rows<Omit<Row, "kind">>("SELECT id, original_name AS name FROM image");
  const files = disk.rows<Omit<Row, "kind">>("SELECT id, name FROM file WHERE id NOT IN (SELECT id FROM image)");
  return [
    ...orders.map((row) => ({ ...row, kind: "order" as const })),
    ...photos.map((row) => ({ ...row, kind: "photo" as const })),
    ...files.map((row) => ({ ...row, kind: "file" as const })),
  ];
}

function entriesOf(disk: Disk): Entry[] {
  const rows = disk.objectRows<{ idx: number; body: string }>("halftone-audit-Log", "SELECT idx, body FROM entry");
  return rows.map(({ idx, body }) => ({ ...(JSON.parse(body) as Omit<Entry, "index">), index: idx }));
}

function lostOf(acknowledged: Sent[], rows: Row[]): string[] {
  const there = new Set(rows.map(({ id, name }) => `${name} ${id}`));
  return acknowledged
    .filter(({ id, name }) => !there.has(`${name} ${id}`))
    .map(({ id, name }) => `${name} (${id}) is gone`);
}

/** Rows that the log does not tell of, and what it tells of that is not there. */
function unannounced(rows: Row[], log: Entry[]): string[] {
  const types = Object.values(EVENTS).flat();
  const told = log.filter(({ type }) => types.includes(type)).map(({ type, resource }) => `${type} of ${resource}`);
  const due = rows.flatMap(({ kind, id }) => EVENTS[kind].map((type) => `${type} of ${id}`));
  return difference("the log", due, told);
}

/** Each account's log counts from 0 without a gap. */
function gapsOf(log: Entry[]): string[] {
  const lengths = [...Map.groupBy(log, ({ account }) => account)];
  return lengths.flatMap(([account, entries]) =>
    entries.length === 1 + Math.max(...entries.map(({ index }) => index)) ? [] : [`the log of ${account} has a gap`],
  );
}

/** A photo is not told to be complete before it was told to be there. */
function outOfOrder(took: Told[]): string[] {
  const first = (type: string) => {
    const at = new Map<string, number>();
    took.forEach((one, index) => {
      if (one.type === type && !at.has(one.resource)) at.set(one.resource, index);
    });
    return at;
  };
  const uploaded = first("image.uploaded");
  const early = [...first("image.completed")].filter(([id, at]) => at < (uploaded.get(id) ?? Number.POSITIVE_INFINITY));
  return early.map(([id]) => `${id} was told to be complete before it was told to be there`);
}

/** Photos that do not have each size once. */
function unfinished(disk: Disk): string[] {
  const images = disk.rows<{ id: string; status: string; sizes: string | null }>(
    `SELECT id, status, (
       SELECT group_concat(name)
       FROM (SELECT name FROM variant WHERE image_id = image.id AND format = 'webp' ORDER BY name)
     ) AS sizes FROM image`,
  );
  const bad = images.filter(({ status, sizes }) => status !== "complete" || sizes !== SIZES);
  return bad.map(({ id, status, sizes }) => `photo ${id} is ${status} and has ${sizes ?? "no sizes"}`);
}

/** Rows whose object is missing. */
function lostObjects(disk: Disk): string[] {
  const stored = new Set(disk.storedKeys());
  return namedKeys(disk)
    .filter((key) => !stored.has(key))
    .map((key) => `the object ${key} is gone`);
}

/** Objects that no row names. A kill may leave some, which give themselves up or are found by fsck. */
export function strayObjects(disk: Disk): string[] {
  const named = new Set(namedKeys(disk));
  const stray = disk.storedKeys().filter((key) => !named.has(key));
  return stray.map((key) => `the object ${key} has no row`);
}

function namedKeys(disk: Disk): string[] {
  return disk.rows<{ key: string }>("SELECT key FROM file UNION SELECT key FROM variant").map(({ key }) => key);
}

function twice(all: string[]): string[] {
  return [...Map.groupBy(all, (one) => one)].filter(([, same]) => same.length > 1).map(([one]) => one);
}

function difference(where: string, due: string[], found: string[]): string[] {
  const [wanted, there] = [new Set(due), new Set(found)];
  return [
    ...[...wanted].filter((one) => !there.has(one)).map((one) => `${where} lacks ${one}`),
    ...[...there].filter((one) => !wanted.has(one)).map((one) => `${where} has ${one}, of which nothing else knows`),
  ];
}

import { makeZip, predictLength } from "client-zip";
import type { PersonalFilesRepo } from "../personal-data/personal-files.repo.ts";
import type { StoredFile } from "../schema.ts";
import type { Objects } from "../storage/objects.ts";
import type { FilesRepo } from "./files.repo.ts";
import { withPresentObject } from "./present-object.ts";
import type { ZipEntry } from "./zip-entry.ts";

interface PhotosZipDeps {
  personalFiles: Pick<PersonalFilesRepo, "listAfter">;
  files: Pick<FilesRepo, "find">;
  objects: Pick<Objects, "open">;
}

/** How many rows are held at a time. */
const FILES_PER_READ = 100;

/** Where a file lies in the zip. Two files may have one name, and no two have one id. */
export function zipName({ id, name }: Pick<StoredFile, "id" | "name">): string {
  return `${id}-${name}`;
}

/**
 * A zip of everything that a user has uploaded, as it came. It is made while it is read: the next bytes are fetched when
 * the reader has taken those before, so it holds one chunk, however large it gets. Uncompressed, as photos are compressed
 * already; beyond 4 GiB it is a ZIP64.
 */
export function photosZip(deps: PhotosZipDeps, userId: string): ReadableStream<Uint8Array> {
  const zip = makeZip(originals(deps, userId));
  // Only byte streams travel by RPC, and the library's is none.
  return zip.pipeThrough(new IdentityTransformStream());
}

/**
 * A zip of these files, made while it is read like the other. Its length is known before it begins: where a file is
 * deleted meanwhile it breaks off, so that no zip looks whole that is not.
 */
export function zipOfFiles(entries: ZipEntry[]): { body: ReadableStream<Uint8Array>; bytes: number } {
  const bytes = Number(predictLength(entries.map(({ file, bytes }) => describeEntry(file, bytes))));
  const body = makeZip(chosen(entries)).pipeThrough(new FixedLengthStream(bytes));
  return { body, bytes };
}

function describeEntry(file: StoredFile, size: number) {
  return { name: zipName(file), lastModified: file.createdAt, size };
}

async function* chosen(entries: ZipEntry[]) {
  for (const { file, bytes, open } of entries) {
    const object = await open();
    if (object === null) throw new Error("A file of a zip was deleted while it was made.");
    yield { ...describeEntry(file, bytes), input: object.body };
  }
}

async function* originals({ personalFiles, files, objects }: PhotosZipDeps, userId: string) {
  let cursor: string | null = null;
  for (;;) {
    const page = await personalFiles.listAfter(userId, cursor, FILES_PER_READ);
    for (const { file } of page) {
      const object = await withPresentObject(
        () => files.find(file.id),
        file,
        ({ key }) => objects.open(key),
      );
      // Deleted since the page was read.
      if (object === null) continue;
      yield { ...describeEntry(file, file.bytes), input: object.body };
    }
    const last = page.at(-1);
    if (last === undefined) return;
    cursor = last.file.id;
  }
}

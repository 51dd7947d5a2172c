import { runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import { call } from "../call.ts";
import type { Person } from "../sign-in.ts";
import { env, expectNothingStored } from "./photos.ts";

export const TUS = { "Tus-Resumable": "1.0.0" };
export const MAX_BYTES = 52_428_800;

/** Bytes that differ everywhere, so that a piece in the wrong place shows. */
export function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint32Array(Math.ceil(bytes / 4));
  for (let i = 0; i < all.length; i++) all[i] = Math.imul(i + 1, 0x9e3779b1);
  return new Uint8Array(all.buffer).subarray(0, bytes);
}

export async function digest(bytes: BufferSource): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
}

export async function begin(
  person: Person,
  length: number | null,
  headers: Record<string, string> = {},
): Promise<string> {
  const begun = await call("/api/uploads", {
    as: person,
    method: "POST",
    headers: {
      ...TUS,
      ...(length === null ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(length) }),
      "Upload-Metadata": `filename ${btoa("holiday.png")},filetype ${btoa("text/plain")}`,
      ...headers,
    },
  });
  expect(begun.status).toBe(201);
  return begun.headers.get("Location") ?? "";
}

export function patch(
  person: Person,
  path: string,
  offset: number,
  body: BodyInit,
  headers: Record<string, string> = {},
) {
  return call(path, {
    as: person,
    method: "PATCH",
    body,
    headers: { ...TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), ...headers },
  });
}

export function head(person: Person, path: string) {
  return call(path, { as: person, method: "HEAD", headers: TUS });
}

export function sessionOf(person: Person, path: string) {
  return env.UPLOADS.getByName(`${person.id}/${path.split("/").at(-1)}`);
}

/** A body that comes in pieces and breaks off when all of them were read. */
export function brokenOff(bytes: Uint8Array, size = 64 * 1024): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.error(new Error("The line is dead."));
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

export async function openUploads(): Promise<number> {
  return (await env.DB.prepare("SELECT count(*) AS n FROM open_upload").first<number>("n")) ?? 0;
}

/** That nothing of an upload is left: no row, no object, nothing in its Durable Object. */
export async function expectGone(person: Person, path: string): Promise<void> {
  await expectNothingStored();
  expect(await openUploads()).toBe(0);
  await runInDurableObject(sessionOf(person, path), async (_, state) => {
    expect((await state.storage.list()).size).toBe(0);
    expect(await state.storage.getAlarm()).toBeNull();
  });
}

import { exports, env as workerEnv } from "cloudflare:workers";
import { expect } from "vitest";
import type { UploadView } from "../../../shared/contracts/images.ts";
import type { ClaimedJob, JobsApi } from "../../../shared/contracts/rpc.ts";
import { VARIANT_NAMES, type VariantName } from "../../../shared/contracts/variants.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import type { Env } from "../../../workers/images/src/env.ts";
import { call } from "../call.ts";
import type { Person } from "../sign-in.ts";

export const env = workerEnv as unknown as Env;
/** The resizer's door. */
export const jobsService = (exports as unknown as { JobsService: JobsApi }).JobsService;

function chunk(type: string, data: number[]): number[] {
  const length = data.length;
  const head = [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  // This Worker reads headers only: the checksum is the resizer's concern.
  return [...head, ...new TextEncoder().encode(type), ...data, 0, 0, 0, 0];
}

function bigEndian(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** A PNG of that size in pixels and, filled up behind its header, of at least that many bytes. */
export function png(width = 40, height = 30, bytes = 0): Uint8Array<ArrayBuffer> {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const header = chunk("IHDR", [...bigEndian(width), ...bigEndian(height), 8, 2, 0, 0, 0]);
  const start = [...signature, ...header, ...chunk("IDAT", [1, 2, 3, 4]), ...chunk("IEND", [])];
  const whole = new Uint8Array(Math.max(start.length, bytes));
  for (let at = start.length; at < whole.length; at++) whole[at] = (at * 31) & 255;
  whole.set(start);
  return whole;
}

/** A segment of a JPEG. */
function segment(marker: number, data: number[]): number[] {
  const length = data.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...data];
}

/** The beginning of a JPEG that lies on its side (EXIF orientation 6), its size behind `profiles` segments of 60 kB. */
export function sidewaysJpeg(width: number, height: number, profiles = 0): Uint8Array<ArrayBuffer> {
  const tiff = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
  const exif = segment(0xe1, [...new TextEncoder().encode("Exif"), 0, 0, ...tiff]);
  const profile = segment(0xe2, Array(60_000).fill(7));
  const size = [8, height >> 8, height & 255, width >> 8, width & 255];
  const frame = segment(0xc0, [...size, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
  return Uint8Array.from([0xff, 0xd8, ...exif, ...Array(profiles).fill(profile).flat(), ...frame, 0xff, 0xd9]);
}

/** A form with one file. */
export function form(
  field: string,
  content: Uint8Array<ArrayBuffer> | string,
  name = "photo.png",
  type = "image/png",
): FormData {
  const data = new FormData();
  data.append(field, new File([content], name, { type }));
  return data;
}

/** Uploads a photo by the main door and answers what it answered. */
export async function uploadPhoto(person: Person, content: BodyInit = png()): Promise<Required<UploadView>> {
  const headers = { "X-File-Name": "holiday.png" };
  const response = await call("/api/images", { as: person, method: "PUT", body: content, headers });
  expect(response.status).toBe(202);
  return response.json();
}

/** Stores one size as WebP for an attempt, with its own name as bytes. */
export function storeSize(jobId: string, attemptId: string, name: VariantName, text = name as string) {
  const variant = { name, format: "webp" as const, width: 30, height: 20 };
  return jobsService.storeVariant(jobId, attemptId, variant, new TextEncoder().encode(text));
}

/** Claims a job and stores all its sizes, as the resizer does. The bytes name size and format: `small`, `small.jpeg`. */
export async function makeSizes(jobId: string): Promise<string> {
  const { attemptId, formats } = await claimed(jobId);
  for (const format of formats) {
    for (const name of VARIANT_NAMES) {
      const bytes = new TextEncoder().encode(format === "webp" ? name : `${name}.${format}`);
      await jobsService.storeVariant(jobId, attemptId, { name, format, width: 30, height: 20 }, bytes);
    }
  }
  return attemptId;
}

/** What a resizer says of a photo that nobody can read. */
export const BROKEN = { code: "undecodable_image", detail: "The photo cannot be read.", permanent: true };

/** What the resizer says of a photo whose sizes it has made. */
export const PLACEHOLDER = { thumbHash: "1QcSHQRnh493V4dIh4eXh1h4kJUI", dominantColour: "#3a6ea5" };

/** Makes the sizes of a job its image's own. */
export function completeJob(jobId: string, attemptId: string) {
  return jobsService.completeJob(jobId, attemptId, PLACEHOLDER);
}

/** Claims a job that must be claimable. */
export async function claim(jobId: string): Promise<string> {
  return (await claimed(jobId)).attemptId;
}

async function claimed(jobId: string): Promise<ClaimedJob> {
  const claim = await jobsService.claimJob(jobId);
  if (!claim.ok) throw new Error(claim.failure.detail);
  return claim.value;
}

export async function complete(person: Person): Promise<Required<UploadView>> {
  const photo = await uploadPhoto(person);
  const attemptId = await makeSizes(photo.jobId);
  expect((await completeJob(photo.jobId, attemptId)).ok).toBe(true);
  return photo;
}

/** Lets the lease of a job run out, or its back-off pass. */
export async function timePasses(jobId: string): Promise<void> {
  await env.DB.prepare("UPDATE job SET lease_until = 0, not_before = 0 WHERE id = ?").bind(jobId).run();
}

export async function storedKeys(): Promise<string[]> {
  return (await env.BUCKET.list()).objects.map((object) => object.key);
}

export async function eventTypes(): Promise<string[]> {
  return (await new D1OutboxStore(env.DB).next(100)).map((event) => event.type);
}

/** That an upload that was refused has left nothing half written. */
export async function expectNothingStored(): Promise<void> {
  const { results } = await env.DB.prepare(
    "SELECT id FROM file UNION ALL SELECT id FROM image UNION ALL SELECT id FROM job UNION ALL SELECT id FROM outbox",
  ).all();
  expect(results).toEqual([]);
  expect(await storedKeys()).toEqual([]);
}

/** Follows a link as anybody would who has it. */
export function follow(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  const { pathname, search } = new URL(url);
  return call(`${pathname}${search}`, { headers, method });
}

const TABLES_OF_FILES = ["file", "image", "job", "variant", "attempt_variant", "share", "trash"];

/** Every row that tells of a file. */
export async function rowsLeft(): Promise<unknown[]> {
  const answers = await env.DB.batch(TABLES_OF_FILES.map((table) => env.DB.prepare(`SELECT * FROM ${table}`)));
  return answers.flatMap((answer) => answer.results);
}

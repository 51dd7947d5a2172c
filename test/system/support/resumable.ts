import { expect } from "vitest";
import type { Client } from "./client.ts";

const TUS = { "Tus-Resumable": "1.0.0" };

/** Begins a resumable upload as curl would. @returns its path */
export async function beginUpload(client: Client, length: number): Promise<string> {
  const headers = { ...TUS, "Upload-Length": String(length) };
  const begun = await client.fetch("/api/uploads", { method: "POST", headers });
  expect(begun.status).toBe(201);
  return begun.headers.get("Location") ?? "";
}

/** Sends bytes of an upload from an offset on. */
export function sendBytes(client: Client, path: string, offset: number, bytes: Uint8Array<ArrayBuffer>) {
  const headers = { ...TUS, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
  return client.fetch(path, { method: "PATCH", headers, body: bytes });
}

/** Where an upload goes on, and the file that it became. */
export async function askUpload(client: Client, path: string): Promise<{ offset: number; fileId: string | null }> {
  const { status, headers } = await client.fetch(path, { method: "HEAD", headers: TUS });
  expect(status).toBe(200);
  return { offset: Number(headers.get("Upload-Offset")), fileId: headers.get("X-File-Id") };
}

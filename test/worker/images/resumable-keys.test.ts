import { describe, expect, test } from "vitest";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env } from "./photos.ts";
import { openUploads, patch, TUS } from "./resumable.ts";

const OFFSET_STREAM = "application/offset+octet-stream";

/** Begins an upload of ten bytes under a key, unless the headers say otherwise. */
function begin(john: Person, headers: Record<string, string> = {}, body?: string): Promise<Response> {
  return call("/api/uploads", {
    ...{ as: john, method: "POST" },
    headers: { ...TUS, "Upload-Length": "10", "Idempotency-Key": "holiday", ...headers },
    ...(body !== undefined && { body }),
  });
}

const placeOf = ({ headers }: Response) => headers.get("Location") ?? "";

describe("beginning an upload again with the same key", () => {
  test("names the same upload and tells how far it is, and begins none", async () => {
    const john = await signIn();
    const path = placeOf(await begin(john));
    await patch(john, path, 0, "first");
    const again = await begin(john);
    expect([again.status, placeOf(again)]).toEqual([201, path]);
    expect([again.headers.get("Idempotent-Replayed"), again.headers.get("Upload-Offset")]).toEqual(["true", "5"]);
    expect(await openUploads()).toBe(1);
    expect((await patch(john, path, 5, "later")).headers.get("X-File-Id")).not.toBeNull();
  });

  test("takes the bytes that come along once", async () => {
    const john = await signIn();
    const first = await begin(john, { "Content-Type": OFFSET_STREAM }, "first");
    const second = await begin(john, { "Content-Type": OFFSET_STREAM }, "first");
    expect(placeOf(second)).toBe(placeOf(first));
    expect([first, second].map(({ headers }) => headers.get("Upload-Offset"))).toEqual(["5", "5"]);
  });

  test("is refused for another upload, and is somebody else's own", async () => {
    const john = await signIn();
    const path = placeOf(await begin(john));
    const other = await begin(john, { "Upload-Length": "11" });
    expect([other.status, await other.json()]).toMatchObject([422, { code: "key_reused" }]);
    expect(placeOf(await begin(await signIn()))).not.toBe(path);
  });

  test("is refused again with the bytes that were too many, and begins anew with others", async () => {
    const john = await signIn();
    for (const _time of ["first", "second"]) {
      const refused = await begin(john, { "Content-Type": OFFSET_STREAM }, "more than ten bytes");
      expect([refused.status, await refused.json()]).toMatchObject([413, { code: "payload_too_large" }]);
    }
    const begun = await begin(john, { "Content-Type": OFFSET_STREAM }, "ten bytes!");
    expect([begun.status, begun.headers.get("Idempotent-Replayed")]).toEqual([201, null]);
    expect(begun.headers.get("X-File-Id")).not.toBeNull();
  });

  test("names the same upload also where its client has given it up", async () => {
    const john = await signIn();
    const path = placeOf(await begin(john));
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(204);
    const again = await begin(john);
    expect([again.status, placeOf(again)]).toEqual([201, path]);
    expect(await openUploads()).toBe(0);
  });

  test("is 409 while the first is on its way", async () => {
    const john = await signIn();
    await begin(john);
    await env.DB.prepare("UPDATE idempotency_key SET status = NULL, headers = NULL, body = NULL").run();
    const busy = await begin(john);
    expect([busy.status, busy.headers.get("Retry-After")]).toEqual([409, "1"]);
    expect(await openUploads()).toBe(1);
  });
});

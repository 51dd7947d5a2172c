import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { env, expectNothingStored, png, storedKeys } from "./photos.ts";

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

interface Begun {
  key: string;
  parts_id: string | null;
  begun_at: number;
}

async function begun(): Promise<Begun[]> {
  return (await env.DB.prepare("SELECT * FROM begun_object").all<Begun>()).results;
}

/** A body that stays open behind its first bytes until it is told how to go on. */
function heldBody(bytes: Uint8Array) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(started) {
      controller = started;
      for (let at = 0; at < bytes.length; at += MIB) started.enqueue(bytes.slice(at, at + MIB));
    },
  });
  return {
    body,
    end(rest?: Uint8Array) {
      if (rest !== undefined) controller?.enqueue(rest);
      controller?.close();
    },
    breakOff: () => controller?.error(new Error("The connection broke.")),
  };
}

/** Whether R2 still keeps the parts of an upload that was never completed. */
async function keepsParts({ key, parts_id }: Begun): Promise<boolean> {
  const upload = env.BUCKET.resumeMultipartUpload(key, parts_id ?? "");
  return upload.uploadPart(1, "x").then(
    () => true,
    () => false,
  );
}

const text = new TextEncoder();
const formHead = text.encode('--xyz\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n');
const photo = png(40, 30, 7 * MIB);

describe("an upload whose connection breaks", () => {
  test.each<[string, string, Uint8Array, Record<string, string>]>([
    ["a body with a length", "PUT", photo, { "Content-Length": String(9 * MIB) }],
    [
      "a form",
      "POST",
      Uint8Array.from([...formHead, ...photo]),
      { "Content-Type": "multipart/form-data; boundary=xyz" },
    ],
  ])("as %s leaves neither row nor object nor parts", { timeout: 20_000 }, async (_what, method, bytes, headers) => {
    const { body, breakOff } = heldBody(bytes);
    const path = method === "PUT" ? "/api/images" : "/api/files";
    const answer = call(path, { as: await signIn(), method, body, headers }).catch(() => null);
    const isParted = !("Content-Length" in headers);
    await expect.poll(begun, { timeout: 10_000 }).toMatchObject([{ parts_id: isParted ? expect.any(String) : null }]);
    const [upload] = await begun();
    if (upload === undefined) throw new Error("The upload is not under way.");

    breakOff();
    await answer;
    await expect.poll(begun, { timeout: 10_000 }).toEqual([]);
    await expectNothingStored();
    if (isParted) expect(await keepsParts(upload)).toBe(false);
  });
});

describe("an upload whose process died", () => {
  /** What a kill leaves in the database. */
  async function leave(key: string, partsId: string | null, ageMs: number): Promise<Begun> {
    const row = { key, parts_id: partsId, begun_at: Date.now() - ageMs };
    const insert = env.DB.prepare("INSERT INTO begun_object (key, parts_id, begun_at) VALUES (?, ?, ?)");
    await insert.bind(row.key, row.parts_id, row.begun_at).run();
    return row;
  }

  test("is given up by the relay within ten minutes, object and parts", async () => {
    const whole = `${newId()}/${newId()}/1/original`;
    await env.BUCKET.put(whole, "complete, but no row names it");
    await leave(whole, null, 6 * MINUTE_MS);
    const parted = await env.BUCKET.createMultipartUpload(`${newId()}/${newId()}/1/original`);
    await parted.uploadPart(1, new Uint8Array(5 * MIB));
    const upload = await leave(parted.key, parted.uploadId, 6 * MINUTE_MS);
    await leave(`${newId()}/${newId()}/1/original`, null, 6 * MINUTE_MS);

    const relay = env.RELAY.getByName("relay");
    await expect
      .poll(async () => {
        await relay.nudge();
        return [await begun(), await storedKeys()];
      })
      .toEqual([[], []]);
    expect(await keepsParts(upload)).toBe(false);
    const { results } = await env.DB.prepare("SELECT * FROM trash").all();
    expect(results).toEqual([]);
  });

  test("is given up although R2 has dropped its parts already", async () => {
    const parted = await env.BUCKET.createMultipartUpload(`${newId()}/${newId()}/1/original`);
    await parted.abort();
    await leave(parted.key, parted.uploadId, 6 * MINUTE_MS);
    await env.RELAY.getByName("relay").nudge();
    expect(await begun()).toEqual([]);
  });

  test("counts as alive for as long as a request may take", async () => {
    const key = `${newId()}/${newId()}/1/original`;
    await env.BUCKET.put(key, "on its way");
    await leave(key, null, 4 * MINUTE_MS);
    await env.RELAY.getByName("relay").nudge();
    await env.RELAY.getByName("relay").nudge();
    expect(await storedKeys()).toEqual([key]);
    expect(await begun()).toHaveLength(1);
  });
});

test("an upload that was given up while it was under way is told to come again, and leaves nothing", async () => {
  const { body, end } = heldBody(png(40, 30, 100_000));
  const headers = { "Content-Length": "100000" };
  const answer = call("/api/images", { as: await signIn(), method: "PUT", body, headers });
  await expect.poll(begun).toHaveLength(1);
  await env.DB.prepare("DELETE FROM begun_object").run();
  end();
  const response = await answer;
  expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "2"]);
  await expectNothingStored();
});

test("a form whose parts were given up while it was under way is told the same", async () => {
  const { body, end } = heldBody(Uint8Array.from([...formHead, ...photo]));
  const headers = { "Content-Type": "multipart/form-data; boundary=xyz" };
  const answer = call("/api/files", { as: await signIn(), method: "POST", body, headers });
  await expect.poll(begun).toMatchObject([{ parts_id: expect.any(String) }]);
  await env.DB.prepare("UPDATE begun_object SET begun_at = 0").run();
  await expect
    .poll(async () => {
      await env.RELAY.getByName("relay").nudge();
      return begun();
    })
    .toEqual([]);
  end(text.encode("\r\n--xyz--\r\n"));
  const response = await answer;
  expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "2"]);
  await expectNothingStored();
});

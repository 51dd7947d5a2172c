import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env, form, storedKeys } from "./photos.ts";

async function store(person: Person, words: string, name: string): Promise<string> {
  const answer = await call("/api/files", { as: person, body: form("file", words, name) });
  return (await answer.json<{ id: string }>()).id;
}

/** Asks for a zip in both ways. */
function bothWays(person: Person, ids: string[]): Promise<Response[]> {
  return Promise.all([
    call("/api/files/zip", { as: person, json: { ids } }),
    call(`/api/files/zip?ids=${ids.join(",")}`, { as: person }),
  ]);
}

describe("a zip of some files", () => {
  test("has them whole, in the order that was asked for, each once, and says its length before it begins", async () => {
    const john = await signIn();
    const first = await store(john, "first words", "a.txt");
    const second = await store(john, "second words, käse", "a.txt");
    await store(john, "others", "b.txt");
    for (const answer of await bothWays(john, [second, first, second])) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Content-Type")).toBe("application/zip");
      expect(answer.headers.get("Content-Disposition")).toMatch(/^attachment; filename="files.zip"/);
      const zip = await answer.bytes();
      expect(answer.headers.get("Content-Length")).toBe(String(zip.length));
      const text = new TextDecoder().decode(zip);
      const places = [`${second}-a.txtsecond words, käse`, `${first}-a.txtfirst words`].map((part) =>
        text.indexOf(part),
      );
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(places.every((place) => place > 0)).toBe(true);
      expect(text).not.toContain("others");
      // The directory at the end names each once more.
      expect(text.split(`${second}-a.txt`).length - 1).toBe(2);
    }
  });

  test("is nothing where one of them is not there, or somebody else's", async () => {
    const [john, eve] = [await signIn(), await signIn()];
    const hers = await store(eve, "hers", "a.txt");
    const his = await store(john, "his", "a.txt");
    for (const ids of [[his, hers], [hers], [his, newId()], ["x"], ["../etc/passwd"]]) {
      for (const answer of await bothWays(john, ids)) expect([ids, answer.status]).toEqual([ids, 404]);
    }
  });

  test("breaks off where one is deleted while it is made: it never looks whole", async () => {
    const john = await signIn();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(await store(john, "x".repeat(300_000), `${i}.txt`));
    const answer = await call("/api/files/zip", { as: john, json: { ids } });
    const reader = answer.body!.getReader();
    await reader.read();
    await env.BUCKET.delete(await storedKeys());
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow();
  });

  test.each([[[]], [Array.from({ length: 101 }, () => newId())]])("refuses %j", async (ids) => {
    for (const answer of await bothWays(await signIn(), ids)) expect(answer.status).toBe(422);
  });
});

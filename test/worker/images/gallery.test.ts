import { describe, expect, test } from "vitest";
import type { ExpandedImageList, ImageDetails, ImageList } from "../../../shared/contracts/images.ts";
import { newId } from "../../../shared/ids.ts";
import { IMAGE_SORTS, ImageQuery } from "../../../workers/images/src/images/image-list.ts";
import { ImagesRepo } from "../../../workers/images/src/images/images.repo.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { callWith, countedDatabase, nothing } from "./counted-env.ts";
import { complete, env, PLACEHOLDER, png, uploadPhoto } from "./photos.ts";

const PAGE = 100;
/** A page has 500 links, and every one is followed. */
const LONG_MS = 30_000;
const SIZES = ["thumbnail", "small", "medium", "large", "original"] as const;

async function namedPhoto(person: Person, name: string, bytes = 0): Promise<string> {
  const headers = { "X-File-Name": encodeURIComponent(name) };
  const answer = await call("/api/images", { as: person, method: "PUT", body: png(40, 30, bytes), headers });
  return (await answer.json<{ id: string }>()).id;
}

async function list(person: Person, query: string): Promise<ImageList["images"]> {
  const answer = await call(`/api/images?${query}`, { as: person });
  expect(answer.status).toBe(200);
  return (await answer.json<ImageList>()).images;
}

const names = (images: ImageList["images"]) => images.map((image) => image.originalName);

/** Finished photos whose sizes all lie in the bucket: only their rows differ from what an upload and a job leave. */
async function fillGallery(person: Person, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newId());
  const seeded = { ids: JSON.stringify(ids), user: person.id, at: new Date().toISOString() };
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO file (id, user_id, name, bytes, mime_type, key, etag, version, created_at)
       SELECT value, ?2, 'photo.png', 8, 'image/png', ?2 || '/' || value || '/1/original', 'e', 2, ?3 FROM json_each(?1)`,
    ).bind(seeded.ids, seeded.user, seeded.at),
    env.DB.prepare(
      `INSERT INTO image (id, user_id, original_name, bytes, status, generation, width, height, uploaded_at, thumb_hash)
       SELECT value, ?2, 'photo.png', 8, 'complete', 1, 400, 300, ?3, ?4 FROM json_each(?1)`,
    ).bind(seeded.ids, seeded.user, seeded.at, PLACEHOLDER.thumbHash),
    ...SIZES.slice(0, -1).map((size) =>
      env.DB.prepare(
        `INSERT INTO variant (image_id, name, format, key, width, height, bytes, etag)
         SELECT value, ?2, 'webp', ?3 || '/' || value || '/1/' || ?2, 30, 20, 8, 'e' FROM json_each(?1)`,
      ).bind(seeded.ids, size, seeded.user),
    ),
  ]);
  await Promise.all(
    ids.flatMap((id) => SIZES.map((size) => env.BUCKET.put(`${person.id}/${id}/1/${size}`, "8 bytes."))),
  );
}

describe("a gallery in one call", () => {
  test(
    "has a hundred photos with five links each by one trip to the database, and the links touch neither database nor object",
    async () => {
      const john = await signIn();
      await fillGallery(john, PAGE);
      const { database, trips } = countedDatabase();
      const answer = await callWith({ DB: database }, `/api/images?expand=sizes&limit=${PAGE}`, john.headers);
      const { images } = await answer.json<ExpandedImageList>();
      expect(trips.length).toBe(1);
      expect(images.length).toBe(PAGE);

      const links = images.flatMap(({ sizes }) => SIZES.map((size) => new URL(sizes[size]?.url ?? "")));
      expect(new Set(links.map(({ href }) => href)).size).toBe(PAGE * SIZES.length);
      const bare = { DB: nothing<D1Database>(), RELAY: nothing<typeof env.RELAY>(), AUTH: nothing<typeof env.AUTH>() };
      const bytes = await Promise.all(
        links.map(async ({ pathname, search }) => (await callWith(bare, pathname + search)).bytes()),
      );
      expect(bytes.map((body) => new TextDecoder().decode(body))).toEqual(Array(PAGE * SIZES.length).fill("8 bytes."));
    },
    LONG_MS,
  );

  test("tells of every size what a srcset needs, in its best format alone, and what stands in for it", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const answer = await call("/api/images?expand=sizes", { as: john });
    const [image] = (await answer.json<ExpandedImageList>()).images;
    expect(image).toMatchObject({ id, ...PLACEHOLDER, status: "complete", width: 40, height: 30 });
    expect(Object.keys(image?.sizes ?? {})).toEqual(SIZES);
    expect(image?.sizes.small).toMatchObject({ width: 30, height: 20, type: "image/webp", url: expect.any(String) });
    expect(image?.sizes.small).not.toHaveProperty("formats");
    expect(image?.sizes.original).toMatchObject({ width: 40, height: 30, type: "image/png" });
  });

  test("says of a photo what the photo's own address says, but of each size the better format alone", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    await env.DB.prepare(
      `INSERT INTO variant (image_id, name, format, key, width, height, bytes, etag)
       SELECT image_id, name, 'jpeg', key || '.jpg', width, height, bytes + 1, 'other' FROM variant WHERE image_id = ?`,
    )
      .bind(id)
      .run();
    await env.DB.prepare("UPDATE image SET error_detail = 'was tried twice' WHERE id = ?").bind(id).run();
    const details = await (await call(`/api/images/${id}`, { as: john })).json<ImageDetails>();
    const formats = Object.values(details.sizes).flatMap((size) => Object.keys(size.formats ?? {}));
    expect(formats).toEqual(Array(4).fill(["webp", "jpeg"]).flat());
    expect(Object.keys(details.sizes.small?.formats?.jpeg ?? {})).toEqual(["url", "size", "bytes", "type"]);
    const withoutFormats = Object.entries(details.sizes).map(([name, { formats: _, ...size }]) => [name, size]);
    const answer = await call("/api/images?expand=sizes", { as: john });
    const [listed] = (await answer.json<ExpandedImageList>()).images;
    expect(listed).toEqual({ ...details, sizes: Object.fromEntries(withoutFormats) });
  });

  test("is empty for who has no photos, and has the original alone of a photo that is not finished", async () => {
    const john = await signIn();
    expect(await list(john, "expand=sizes")).toEqual([]);
    await uploadPhoto(john);
    const answer = await call("/api/images?expand=sizes", { as: john });
    const [image] = (await answer.json<ExpandedImageList>()).images;
    expect(Object.keys(image?.sizes ?? {})).toEqual(["original"]);
  });

  test.each(["expand=everything", "sign=30m", "sign=8d", "sign=soon", "sort=size", `search=${"x".repeat(101)}`])(
    "refuses %s",
    async (query) => {
      expect((await call(`/api/images?${query}`, { as: await signIn() })).status).toBe(422);
    },
  );
});

describe("links", () => {
  const HOUR_SECONDS = 3_600;
  const lifeOf = (url: string) => Number(new URL(url).searchParams.get("expires")) - Date.now() / 1_000;

  test.each(["/api/images?expand=sizes", "/api/images/:id?", "/api/files?", "/api/files/:id/meta?"])(
    "of %s work as long as was asked for, and seven days at most",
    async (path) => {
      const john = await signIn();
      const { id } = await uploadPhoto(john);
      for (const [sign, hours] of [
        ["1h", 1],
        ["3d", 72],
        ["7d", 167],
      ] as const) {
        const answer = await call(`${path.replace(":id", id)}&sign=${sign}`, { as: john });
        const [, url = ""] = /"url":"([^"]+)"/.exec(await answer.text()) ?? [];
        expect(lifeOf(url)).toBeGreaterThanOrEqual(hours * HOUR_SECONDS - 5);
        expect(lifeOf(url)).toBeLessThanOrEqual(Math.min(hours + 1, 168) * HOUR_SECONDS);
      }
    },
  );
});

describe("a list of photos", () => {
  test.each([
    ["uploadedAt", ["b.png", "A.png", "c.png", "a.png"]],
    ["-uploadedAt", ["a.png", "c.png", "A.png", "b.png"]],
    ["originalName", ["A.png", "a.png", "b.png", "c.png"]],
    ["-originalName", ["c.png", "b.png", "a.png", "A.png"]],
    ["bytes", ["c.png", "A.png", "a.png", "b.png"]],
    ["-bytes", ["b.png", "a.png", "A.png", "c.png"]],
  ])(
    "sorted by %s comes page by page, each photo once, also where what it is sorted by is equal",
    async (sort, expected) => {
      const john = await signIn();
      for (const [name, bytes] of [
        ["b.png", 400],
        ["A.png", 300],
        ["c.png", 200],
        ["a.png", 300],
      ] as const) {
        await namedPhoto(john, name, bytes);
      }
      for (const expand of ["", "&expand=sizes"]) {
        const found: string[] = [];
        let next: string | null = `/api/images?sort=${sort}&limit=1${expand}`;
        while (next !== null) {
          const answer: Response = await call(next, { as: john });
          found.push(...names((await answer.json<ImageList>()).images));
          next = /<([^>]+)>; rel="next"/.exec(answer.headers.get("Link") ?? "")?.[1] ?? null;
        }
        expect(found).toEqual(expected);
      }
    },
  );

  test("goes on behind a photo that was deleted meanwhile, and one whose name needs escaping", async () => {
    const john = await signIn();
    for (const name of ["1 ü%.png", "2 .&.png", "3 鷹.png"]) await namedPhoto(john, name);
    const first = await call("/api/images?sort=originalName&limit=1", { as: john });
    const [image] = (await first.json<ImageList>()).images;
    expect((await call(`/api/images/${image?.id}`, { as: john, method: "DELETE" })).status).toBe(204);
    const cursor = encodeURIComponent(first.headers.get("X-Next-Cursor") ?? "");
    expect(names(await list(john, `sort=originalName&cursor=${cursor}`))).toEqual(["2 .&.png", "3 鷹.png"]);
  });

  test.each([
    ["sort=originalName", newId()],
    ["sort=bytes", `${newId()}.many`],
    ["sort=originalName", `${newId()}.%`],
    ["sort=uploadedAt", `${newId()}.1`],
    ["", "' OR 1=1"],
  ])("with %s refuses the cursor %s", async (query, cursor) => {
    const answer = await call(`/api/images?${query}&cursor=${encodeURIComponent(cursor)}`, { as: await signIn() });
    expect(answer.status).toBe(422);
  });

  test.each([
    ["search=SEA", ["seaside.png", "Sea.png"]],
    ["search=%25", ["50%.png"]],
    ["search=_", ["a_b.png"]],
    ["search='", ["o'clock.png"]],
    ["search=%5C", []],
    ["search=.png&sort=originalName&limit=2", ["50%.png", "a_b.png"]],
    ["search=sea&status=complete", []],
    ["search=sea&status=pending&sort=bytes", ["Sea.png", "seaside.png"]],
    ["search=", ["seaside.png", "Sea.png", "o'clock.png", "a_b.png", "50%.png"]],
  ])("with %s has the photos with that in their names, wildcards taken as they are", async (query, expected) => {
    const john = await signIn();
    for (const name of ["50%.png", "a_b.png", "o'clock.png", "Sea.png", "seaside.png"]) await namedPhoto(john, name);
    await namedPhoto(await signIn(), "sea of somebody else.png");
    expect(names(await list(john, query))).toEqual(expected);
  });

  test.each([
    ["öl", ["ölbild.png", "ÖLBERG.png"]],
    ["ÖL", ["ölbild.png", "ÖLBERG.png"]],
    ["o\u0308l", ["ölbild.png", "ÖLBERG.png"]],
    ["ДОМ", ["дом.png", "Дом.png"]],
    ["straße", ["Straße.png"]],
    ["鷹", ["鷹.png"]],
  ])("finds %s in upper and lower case, in every alphabet and however it is composed", async (search, expected) => {
    const john = await signIn();
    const all = ["Straße.png", "鷹.png", "Дом.png", "дом.png", "ÖLBERG.png", "o\u0308lbild.png", "olive.png"];
    for (const name of all) await namedPhoto(john, name);
    expect(names(await list(john, `search=${encodeURIComponent(search)}`))).toEqual(
      expected.map((name) => name.normalize()),
    );
  });

  test("takes every search that is short enough, however many letters it has", async () => {
    const john = await signIn();
    const letters = String.fromCodePoint(...Array.from({ length: 100 }, (_, i) => 0x10c80 + (i % 50)));
    const cyrillic = String.fromCharCode(...Array.from({ length: 100 }, (_, i) => 0x400 + i));
    for (const search of [letters.slice(0, 100), cyrillic]) {
      expect(await list(john, `search=${encodeURIComponent(search)}`)).toEqual([]);
    }
  });

  test("never reads through a table, and picks its page within one index, whatever is asked", async () => {
    const { database, trips } = countedDatabase();
    const repo = new ImagesRepo(database);
    for (const sort of IMAGE_SORTS) {
      for (const status of [undefined, "failed"] as const) {
        for (const search of [undefined, "sea", "öl"]) {
          for (const value of [undefined, sort.endsWith("bytes") ? "7" : "a.png"]) {
            const end = value === undefined || sort.endsWith("uploadedAt") ? "" : `.${value}`;
            const cursor = value === undefined ? undefined : `${newId()}${end}`;
            const listing = ImageQuery.parse({ sort, status, search, cursor });
            await repo.listOf(newId(), listing);
            await repo.listWholeOf(newId(), listing);
          }
        }
      }
    }
    expect(trips.length).toBe(IMAGE_SORTS.length * 2 * 3 * 2 * 2);
    for (const [sent] of trips) {
      const explained = env.DB.prepare(`EXPLAIN QUERY PLAN ${sent!.sql}`).bind(...sent!.parameters);
      const plan = (await explained.all<{ detail: string }>()).results.map(({ detail }) => detail);
      expect(
        plan.filter((step) => step.startsWith("SCAN")),
        sent!.sql,
      ).toEqual([]);
      expect(
        plan.some((step) => /^SEARCH image USING COVERING INDEX image_by_\w+ \(user_id=\?/.test(step)),
        `${sent!.sql}\n${plan.join("\n")}`,
      ).toBe(true);
    }
  });
});

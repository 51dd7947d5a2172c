import { describe, expect, test } from "vitest";
import type { FileView, ImageDetails, ImageList, JobView } from "../../../shared/contracts/images.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { complete, form, png, uploadPhoto } from "./photos.ts";

async function read<T>(person: Person, path: string): Promise<T> {
  const response = await call(path, { as: person });
  expect(response.status).toBe(200);
  return response.json();
}

describe("one's photos", () => {
  test("are listed newest first, page by page, in the source's envelope", async () => {
    const john = await signIn();
    const ids = [await uploadPhoto(john), await uploadPhoto(john), await uploadPhoto(john)].map((photo) => photo.id);
    await uploadPhoto(await signIn());
    const first = await call("/api/images?limit=2", { as: john });
    const cursor = first.headers.get("X-Next-Cursor");
    const { images } = await first.json<ImageList>();
    const rest = await read<ImageList>(john, `/api/images?limit=2&cursor=${cursor}`);
    expect([...images, ...rest.images].map((image) => image.id)).toEqual(ids.reverse());
    const fields = ["id", "originalName", "processedAt", "status", "uploadedAt"];
    expect(Object.keys(images[0] ?? {})).toEqual(expect.arrayContaining(fields));
  });

  test("can be listed by status", async () => {
    const john = await signIn();
    const done = await complete(john);
    await uploadPhoto(john);
    const { images } = await read<ImageList>(john, "/api/images?status=complete");
    expect(images.map((image) => image.id)).toEqual([done.id]);
    expect((await call("/api/images?status=lost", { as: john })).status).toBe(422);
  });

  test("show the original from the start, with its size in pixels, bytes and words", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john, png(640, 480, 15 * 1024));
    const details = await read<ImageDetails>(john, `/api/images/${id}`);
    expect(details).toMatchObject({ id, originalName: "holiday.png", processedAt: null, errorMessage: null });
    expect(details.sizes.original).toMatchObject({
      width: 640,
      height: 480,
      size: "15KB",
      bytes: 15 * 1024,
      type: "image/png",
    });
  });

  test("have a job that tells how far it is", async () => {
    const john = await signIn();
    const { id, jobId } = await complete(john);
    expect(await read<JobView>(john, `/api/jobs/${jobId}`)).toMatchObject({
      jobId,
      imageId: id,
      status: "complete",
      attempts: 1,
      errorMessage: null,
    });
  });
});

describe("one's files", () => {
  test("are a bare array of everything that was uploaded, with links that open", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const words = await call("/api/files", { as: john, body: form("file", "words", "words.txt") });
    const stored = await words.json<FileView>();
    const files = await read<FileView[]>(john, "/api/files");
    expect(files.map((file) => file.id)).toEqual([stored.id, id]);
    expect(files[0]).toMatchObject({ user_id: john.id, name: "words.txt", size: 5, mime_type: "text/plain" });
    expect(await read(john, `/api/files/${stored.id}/meta`)).toEqual(files[0]);
    expect(await (await call(`/api/files/${stored.id}`, { as: john })).text()).toBe("words");
  });
});

describe("somebody else's things", () => {
  const ROUTES = [
    ["GET", "/api/images/:id"],
    ["GET", "/api/images/:id/status"],
    ["GET", "/api/images/:id/original"],
    ["GET", "/api/images/:id/small"],
    ["POST", "/api/images/:id/retry"],
    ["DELETE", "/api/images/:id"],
    ["GET", "/api/files/:id"],
    ["GET", "/api/files/:id/meta"],
    ["DELETE", "/api/files/:id"],
    ["GET", "/api/jobs/:id"],
    ["GET", "/uploads/:id"],
  ] as const;

  test.each(ROUTES)("are answered by %s %s exactly like what does not exist", async (method, path) => {
    const owner = await signIn();
    const photo = await complete(owner);
    const stranger = await signIn();
    const answerTo = async (id: string) => {
      const response = await call(path.replace(":id", id), { as: stranger, method });
      const body = await response.json<object>();
      return { status: response.status, headers: [...response.headers.keys()], body: { ...body, requestId: "" } };
    };
    const theirs = await answerTo(path.startsWith("/api/jobs") ? photo.jobId : photo.id);
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(await answerTo(newId()));
    expect((await call(`/api/images/${photo.id}`, { as: owner })).status).toBe(200);
  });

  test("are in nobody else's lists", async () => {
    await complete(await signIn());
    const stranger = await signIn();
    expect(await read(stranger, "/api/images")).toEqual({ images: [] });
    expect(await read(stranger, "/api/files")).toEqual([]);
  });

  test("stay hidden from strangers: every route but the links asks to sign in", async () => {
    const { id } = await uploadPhoto(await signIn());
    for (const [method, path] of ROUTES.filter(([, path]) => path.startsWith("/api"))) {
      expect((await call(path.replace(":id", id), { method })).status).toBe(401);
    }
    expect((await call("/api/images")).status).toBe(401);
    expect((await call("/api/files")).status).toBe(401);
  });
});

test("the service tells its health and describes its routes", async () => {
  expect((await call("/health")).status).toBe(200);
  const { paths } = await (await call("/openapi.json")).json<{ paths: Record<string, object> }>();
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(["/api/images", "/api/files/{id}", "/uploads/{id}"]));
});

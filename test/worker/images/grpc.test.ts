import { exports } from "cloudflare:workers";
import { type Client, Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createFetchClient } from "@connectrpc/connect/protocol";
import { createTransport as connectTransport } from "@connectrpc/connect/protocol-connect";
import { createTransport as grpcWebTransport } from "@connectrpc/connect/protocol-grpc-web";
import { describe, expect, test } from "vitest";
import { toHex } from "../../../shared/hex.ts";
import { newId } from "../../../shared/ids.ts";
import proto from "../../../workers/images/proto/halftone/images/v1/image_delivery.proto";
import { WATCHES_MAX } from "../../../workers/images/src/feed/feed.do.ts";
import {
  ImageDelivery,
  ImageStatus,
} from "../../../workers/images/src/grpc/generated/halftone/images/v1/image_delivery_pb.js";
import { BUFFERED_BYTES_MAX, uploadBudget } from "../../../workers/images/src/uploads/upload-budget.ts";
import { call } from "../call.ts";
import { type Person, signIn, signInBriefly } from "../sign-in.ts";
import {
  claim,
  complete,
  completeJob,
  env,
  expectNothingStored,
  jobsService,
  makeSizes,
  png,
  storedKeys,
  timePasses,
  uploadPhoto,
} from "./photos.ts";

const MIB = 1024 * 1024;
const worker = exports as unknown as { default: Fetcher };
const PATH = "/halftone.images.v1.ImageDelivery";

const PROTOCOLS = {
  Connect: { make: connectTransport, useBinaryFormat: true },
  "Connect with JSON": { make: connectTransport, useBinaryFormat: false },
  "gRPC-Web": { make: grpcWebTransport, useBinaryFormat: true },
};
type Protocol = keyof typeof PROTOCOLS;

function transportOf(protocol: Protocol, person: Person | null): Transport {
  const { make, useBinaryFormat } = PROTOCOLS[protocol];
  return make({
    baseUrl: "http://halftone.test",
    httpClient: createFetchClient((request) => worker.default.fetch(request)),
    useBinaryFormat,
    interceptors: person === null ? [] : [showing(person)],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 0,
    readMaxBytes: MIB,
    writeMaxBytes: 8 * MIB,
  });
}

function showing({ headers }: Person): Interceptor {
  return (next) => (request) => {
    request.header.set("Authorization", headers.Authorization);
    return next(request);
  };
}

function clientOf(person: Person | null, protocol: Protocol = "gRPC-Web"): Client<typeof ImageDelivery> {
  return createClient(ImageDelivery, transportOf(protocol, person));
}

async function refusalOf(work: Promise<unknown>): Promise<{ code: string; problem: string | null; message: string }> {
  const error = ConnectError.from(
    await work.then(
      () => new Error("It was not refused."),
      (reason) => reason,
    ),
  );
  return { code: Code[error.code] ?? "", problem: error.metadata.get("problem-code"), message: error.rawMessage };
}

async function all<Message>(messages: AsyncIterable<Message>): Promise<Message[]> {
  const received: Message[] = [];
  for await (const message of messages) received.push(message);
  return received;
}

/** The only message of a call, as Connect's streams have it in JSON. */
function enveloped(message: object): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(message));
  return Uint8Array.from([0, 0, 0, 0, json.length, ...json]);
}

const feedOf = ({ id }: Person) => env.FEEDS.getByName(id);
const watches = (person: Person) => feedOf(person).countListeners("watch");

async function* pieces(photo: Uint8Array, size = 256 * 1024, filename: string | null = "sea.png") {
  if (filename !== null) yield { part: { case: "filename" as const, value: filename } };
  for (let at = 0; at < photo.length; at += size) {
    yield { part: { case: "chunk" as const, value: photo.subarray(at, at + size) } };
  }
}

describe.each(Object.keys(PROTOCOLS) as Protocol[])("the image service by %s", (protocol) => {
  test("takes a photo, lists it and shows its sizes with links that work", async () => {
    const john = await signIn();
    const client = clientOf(john, protocol);
    const photo = png(40, 30);
    const uploaded = await client.uploadImage({ filename: "sea.png", content: photo });
    expect(uploaded).toMatchObject({ status: ImageStatus.PENDING, size: BigInt(photo.length) });
    expect(await storedKeys()).toEqual([`${john.id}/${uploaded.imageId}/1/original`]);

    await completeJob(uploaded.jobId, await makeSizes(uploaded.jobId));
    const { images, nextPageToken } = await client.listImages({});
    expect(nextPageToken).toBe("");
    expect(images).toMatchObject([
      { id: uploaded.imageId, originalName: "sea.png", status: ImageStatus.COMPLETE, width: 40, height: 30 },
    ]);
    const { image, sizes } = await client.getImage({ id: uploaded.imageId });
    expect(image).toEqual(images[0]);
    expect(sizes.map(({ name, formats }) => [name, formats.map(({ mimeType }) => mimeType)])).toEqual([
      ...["thumbnail", "small", "medium", "large"].map((name) => [name, ["image/webp"]]),
      ["original", ["image/png"]],
    ]);
    const { pathname, search } = new URL(sizes[1]?.formats[0]?.url ?? "");
    expect(await (await call(`${pathname}${search}`)).text()).toBe("small");
  });

  test("takes a photo in pieces", async () => {
    const john = await signIn();
    const photo = png(40, 30, 9 * MIB + 5);
    const { imageId, size, sha256 } = await clientOf(john, protocol).uploadImageStream(pieces(photo));
    const digest = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", photo)));
    expect({ size, sha256 }).toEqual({ size: BigInt(photo.length), sha256: digest });
    expect(await (await call(`/api/images/${imageId}`, { as: john })).json()).toMatchObject({
      originalName: "sea.png",
    });
  });

  test("follows a photo until its sizes are made", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const statuses: ImageStatus[] = [];
    for await (const { image } of clientOf(john, protocol).watchImage({ id })) {
      statuses.push(image?.status ?? ImageStatus.UNSPECIFIED);
      if (statuses.length === 1) await completeJob(jobId, await makeSizes(jobId));
    }
    expect(statuses.at(0)).toBe(ImageStatus.PENDING);
    expect(statuses.at(-1)).toBe(ImageStatus.COMPLETE);
  });

  test("refuses strangers and bad tokens as unauthenticated", async () => {
    const liar = { id: "", headers: { Authorization: "Bearer x.y.z" } };
    for (const person of [null, liar]) {
      const client = clientOf(person, protocol);
      const refused = { code: "Unauthenticated", problem: "unauthenticated" };
      expect(await refusalOf(client.listImages({}))).toMatchObject(refused);
      expect(await refusalOf(client.uploadImageStream(pieces(png())))).toMatchObject(refused);
      expect(await refusalOf(all(client.watchImage({ id: crypto.randomUUID() })))).toMatchObject(refused);
    }
    await expectNothingStored();
  });

  test("answers somebody else's photo like one that does not exist", async () => {
    const { id } = await uploadPhoto(await signIn());
    const eve = clientOf(await signIn(), protocol);
    for (const other of [id, crypto.randomUUID(), "no id", ""]) {
      const refused = { code: "NotFound", problem: "not_found", message: "There is nothing here, or it is not yours." };
      expect(await refusalOf(eve.getImage({ id: other }))).toEqual(refused);
      expect(await refusalOf(all(eve.watchImage({ id: other })))).toEqual(refused);
    }
    expect((await eve.listImages({})).images).toEqual([]);
  });

  test("refuses what is no photo, and nothing at all, as an invalid argument", async () => {
    const client = clientOf(await signIn(), protocol);
    const text = new TextEncoder().encode("This is no photo.");
    const noPhoto = { code: "InvalidArgument", problem: "unsupported_image" };
    expect(await refusalOf(client.uploadImage({ filename: "a.jpg", content: text }))).toMatchObject(noPhoto);
    expect(await refusalOf(client.uploadImageStream(pieces(text)))).toMatchObject(noPhoto);
    const empty = { code: "InvalidArgument", problem: "invalid_request" };
    expect(await refusalOf(client.uploadImage({}))).toMatchObject(empty);
    expect(await refusalOf(client.uploadImageStream(pieces(new Uint8Array(0))))).toMatchObject(empty);
    await expectNothingStored();
  });

  test("refuses a message of more than 4 MiB as exhausted", async () => {
    const client = clientOf(await signIn(), protocol);
    const large = png(40, 30, 6 * MIB);
    expect(await refusalOf(client.uploadImage({ content: large }))).toMatchObject({ code: "ResourceExhausted" });
    await expectNothingStored();
  });
});

describe("the image service", () => {
  test("answers an upload with the key of an earlier one as it was answered first, whatever the door", async () => {
    const john = await signIn();
    const client = clientOf(john);
    const headers = { "Idempotency-Key": "sea" };
    const photo = { filename: "sea.png", content: png() };
    let replayed: string | null = null;
    const onHeader = (told: Headers) => {
      replayed = told.get("idempotent-replayed");
    };
    const first = await client.uploadImage(photo, { headers, onHeader });
    expect(replayed).toBeNull();
    expect(await client.uploadImage(photo, { headers, onHeader })).toEqual(first);
    expect(replayed).toBe("true");
    const { imageId } = await client.uploadImageStream(pieces(png()), { headers });
    expect(imageId).toBe(first.imageId);
    const byHttp = { ...{ as: john, method: "PUT", body: png() }, headers: { ...headers, "X-File-Name": "sea.png" } };
    expect(await (await call("/api/images", byHttp)).json()).toMatchObject({ id: imageId });
    const other = client.uploadImage({ ...photo, content: png(8, 8) }, { headers });
    expect(await refusalOf(other)).toMatchObject({ code: "InvalidArgument", problem: "key_reused" });
    expect((await storedKeys()).length).toBe(1);
  });

  test("says of an upload whose key another one holds that it is worth trying again", async () => {
    const john = await signIn();
    const client = clientOf(john);
    const headers = { "Idempotency-Key": "sea" };
    const gate = Promise.withResolvers<void>();
    async function* held() {
      yield* pieces(png());
      await gate.promise;
    }
    const slow = client.uploadImageStream(held(), { headers });
    const claims = () => env.DB.prepare("SELECT COUNT(*) AS n FROM idempotency_key").first("n");
    await expect.poll(claims).toBe(1);
    const busy = await client.uploadImage({ content: png() }, { headers }).catch(ConnectError.from);
    expect(busy).toMatchObject({ code: Code.Aborted });
    expect(ConnectError.from(busy).metadata.get("retry-after")).toBe("1");
    gate.resolve();
    expect((await slow).imageId).not.toBe("");
  });

  test("turns pages as the HTTP API does", async () => {
    const john = await signIn();
    for (let photo = 0; photo < 3; photo++) await uploadPhoto(john);
    const client = clientOf(john);
    const first = await client.listImages({ pageSize: 2 });
    const second = await client.listImages({ pageSize: 2, pageToken: first.nextPageToken });
    const ids = [...first.images, ...second.images].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.toSorted().toReversed()).toEqual(ids);
    expect(second.nextPageToken).toBe("");
    expect(await refusalOf(client.listImages({ pageSize: 101 }))).toMatchObject({ code: "InvalidArgument" });
    const { images } = await client.listImages({ status: ImageStatus.COMPLETE });
    expect(images).toEqual([]);
    expect((await client.listImages({ status: ImageStatus.PENDING })).images.length).toBe(3);
    expect(await refusalOf(client.listImages({ status: 99 as ImageStatus }))).toMatchObject({
      code: "InvalidArgument",
    });
  });

  test("takes a stream that begins without a name, and refuses one that names itself in the middle", async () => {
    const john = await signIn();
    const client = clientOf(john);
    const { imageId } = await client.uploadImageStream(pieces(png(), MIB, null));
    const { image } = await client.getImage({ id: imageId });
    expect(image?.originalName).toBe("unnamed");
    async function* twice() {
      yield* pieces(png());
      yield* pieces(png());
    }
    expect(await refusalOf(client.uploadImageStream(twice()))).toMatchObject({
      code: "InvalidArgument",
      problem: "invalid_request",
    });
    expect((await storedKeys()).length).toBe(1);
  });

  test("refuses a stream over the limit of uploads as exhausted", { timeout: 20_000 }, async () => {
    const client = clientOf(await signIn());
    expect(await refusalOf(client.uploadImageStream(pieces(png(40, 30, 51 * MIB), MIB)))).toMatchObject({
      code: "ResourceExhausted",
      problem: "payload_too_large",
    });
    await expectNothingStored();
  });

  test("refuses a message for which there is no room in memory, and says when to come back", async () => {
    const client = clientOf(await signIn());
    const reservation = uploadBudget.reserve(BUFFERED_BYTES_MAX - MIB);
    const refused = await client.uploadImage({ content: png(40, 30, 2 * MIB) }).catch(ConnectError.from);
    reservation?.release();
    expect(refused).toMatchObject({ code: Code.Unavailable });
    expect((refused as ConnectError).metadata.get("retry-after")).toBe("2");
    await expectNothingStored();
    expect(await client.uploadImage({ content: png(40, 30, 2 * MIB) })).toMatchObject({ size: BigInt(2 * MIB) });
  });

  test("refuses a piece of more than 1 MiB", async () => {
    const client = clientOf(await signIn());
    const refused = await refusalOf(client.uploadImageStream(pieces(png(40, 30, 3 * MIB), 2 * MIB)));
    expect(refused).toMatchObject({ code: "ResourceExhausted" });
    await expectNothingStored();
  });

  test("ends a watch when the photo is deleted", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const watching = clientOf(john).watchImage({ id })[Symbol.asyncIterator]();
    expect(await watching.next()).toMatchObject({ value: { image: { id } } });
    await call(`/api/images/${id}`, { as: john, method: "DELETE" });
    expect(await refusalOf(watching.next())).toMatchObject({ code: "NotFound", problem: "not_found" });
  });

  test("holds one place in the owner's feed while it watches, and none once the photo is settled", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const states = clientOf(john).watchImage({ id })[Symbol.asyncIterator]();
    expect((await states.next()).value?.image?.status).toBe(ImageStatus.PENDING);
    expect(await watches(john)).toBe(1);
    await completeJob(jobId, await makeSizes(jobId));
    while (!(await states.next()).done);
    await expect.poll(() => watches(john)).toBe(0);
    expect(await all(clientOf(john).watchImage({ id }))).toMatchObject([{ image: { status: ImageStatus.COMPLETE } }]);
  });

  test("gives up a watch whose reader has gone", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const answer = await call(`${PATH}/WatchImage`, {
      ...{ as: john, body: enveloped({ id }) },
      headers: { "Content-Type": "application/connect+json" },
    });
    const reader = answer.body!.getReader();
    await reader.read();
    expect(await watches(john)).toBe(1);
    await reader.cancel();
    // Each change is written to nobody, which is how it is found out.
    const failure = { code: "out_of_memory", detail: "The resizer ran out of memory.", permanent: false };
    for (let round = 0; round < 3; round++) {
      await jobsService.failJob(jobId, await claim(jobId), failure);
      await timePasses(jobId);
    }
    await expect.poll(() => watches(john)).toBe(0);
  });

  test("refuses a watch beside many others of the same user as exhausted, and streams go on", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const socket = () => feedOf(john).fetch("https://feed/watch", { headers: { Upgrade: "websocket" } });
    const held = await Promise.all(Array.from({ length: WATCHES_MAX }, socket));
    for (const { webSocket } of held) webSocket?.accept();
    const refused = await all(clientOf(john).watchImage({ id })).catch(ConnectError.from);
    expect(refused).toMatchObject({ code: Code.ResourceExhausted });
    const { metadata } = ConnectError.from(refused);
    expect([metadata.get("problem-code"), metadata.get("retry-after")]).toEqual(["rate_limited", "30"]);
    const stream = await call("/api/images/events", { as: john });
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    // Here, and not by an erasure: an object that the next test resets while its sockets close takes workerd down.
    for (const { webSocket } of held) webSocket?.close();
    await expect.poll(() => watches(john)).toBe(0);
  });

  test("ends a watch when its session is ended", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const watching = clientOf(john).watchImage({ id })[Symbol.asyncIterator]();
    expect(await watching.next()).toMatchObject({ value: { image: { id } } });
    const [, claims = ""] = john.headers.Authorization.split(".");
    const { sid } = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))) as { sid: string };
    await (env.AUTH as unknown as { revoke(sessionId: string): Promise<void> }).revoke(sid);
    expect(await refusalOf(watching.next())).toMatchObject({ code: "Unauthenticated", problem: "unauthenticated" });
    await expect.poll(() => watches(john)).toBe(0);
  });

  test.each<[string, () => Promise<[Person, number]>]>([
    ["token", async () => [await signIn("user", newId(), "3s"), Date.now() + 2_000]],
    [
      "cookie or key behind its token",
      async () => {
        const until = Math.floor(Date.now() / 1_000) * 1_000 + 5_000;
        return [await signInBriefly("2s", until), until];
      },
    ],
  ])("ends a watch when the caller's %s has run out, and not before", async (_what, showing) => {
    const [john, until] = await showing();
    const { id } = await uploadPhoto(john);
    const watching = clientOf(john).watchImage({ id })[Symbol.asyncIterator]();
    expect(await watching.next()).toMatchObject({ value: { image: { id } } });
    expect(await refusalOf(watching.next())).toMatchObject({ code: "Unauthenticated", problem: "unauthenticated" });
    expect(Date.now()).toBeGreaterThanOrEqual(until);
    await expect.poll(() => watches(john)).toBe(0);
  });

  test("ends a watch at the caller's deadline", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const headers = { ...john.headers, "Content-Type": "application/grpc-web+proto", "Grpc-Timeout": "300m" };
    const request = Uint8Array.from([0, 0, 0, 0, 2 + id.length, 10, id.length, ...new TextEncoder().encode(id)]);
    const answer = await call(`${PATH}/WatchImage`, { headers, body: request });
    expect(await answer.text()).toContain("grpc-status: 4");
    await expect.poll(() => watches(john)).toBe(0);
  });

  test("answers plain JSON to plain JSON", async () => {
    const john = await complete(await signIn()).then(() => signIn());
    const list = await call(`${PATH}/ListImages`, { as: john, json: {} });
    expect([list.status, await list.json()]).toEqual([200, {}]);
    const refused = await call(`${PATH}/GetImage`, { as: john, json: { id: "x" } });
    expect(refused.status).toBe(404);
    expect(refused.headers.get("problem-code")).toBe("not_found");
    expect(await refused.json()).toEqual({ code: "not_found", message: "There is nothing here, or it is not yours." });
    const garbled = await call(`${PATH}/GetImage`, {
      as: john,
      body: "{",
      headers: { "Content-Type": "application/json" },
    });
    expect([garbled.status, await garbled.json()]).toMatchObject([400, { code: "invalid_argument" }]);
  });

  test("refuses a compressed message in the caller's own words", async () => {
    const refused = await call(`${PATH}/ListImages`, {
      ...{ as: await signIn(), json: {} },
      headers: { "Content-Encoding": "gzip" },
    });
    expect([refused.status, await refused.json()]).toMatchObject([501, { code: "unimplemented" }]);
  });

  test("answers a problem document to what speaks none of its protocols", async () => {
    const john = await signIn();
    const plainGrpc = { "Content-Type": "application/grpc" };
    const wrongType = await call(`${PATH}/ListImages`, { as: john, body: "x", headers: plainGrpc });
    expect([wrongType.status, await wrongType.json()]).toMatchObject([415, { code: "unsupported_media_type" }]);
    const unknown = await call(`${PATH}/DropImages`, { as: john, json: {} });
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: "not_found" }]);
    const wrongMethod = await call(`${PATH}/ListImages`, { as: john });
    expect([wrongMethod.status, wrongMethod.headers.get("Allow")]).toEqual([405, "POST"]);
  });

  test("serves the .proto that it speaks, to everybody", async () => {
    const answer = await call("/grpc/image_delivery.proto");
    expect([answer.status, await answer.text()]).toEqual([200, proto]);
  });
});

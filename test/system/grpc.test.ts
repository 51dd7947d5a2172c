import { createHash } from "node:crypto";
import { Code, type Client as ConnectClient, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGrpcBridge, type GrpcBridge } from "../../scripts/lib/grpc-bridge.mjs";
import {
  ImageDelivery,
  ImageStatus,
} from "../../workers/images/src/grpc/generated/halftone/images/v1/image_delivery_pb.js";
import { Client } from "./support/client.ts";
import { type Message, NativeClient, refusalOf } from "./support/native-client.ts";
import { makePhoto } from "./support/photo.ts";
import { type SharedProduct, sharedProduct } from "./support/shared-product.ts";

const MIB = 1024 * 1024;
const JSON_TYPE = { "Content-Type": "application/json" };
const LIST = "/halftone.images.v1.ImageDelivery/ListImages";

let product: SharedProduct;
let bridge: GrpcBridge;
let port: number;
let ada: Client;
let photo: Buffer;
const clients: NativeClient[] = [];

beforeAll(async () => {
  product = await sharedProduct();
  const { hostname, port: doorPort } = new URL(product.url);
  bridge = createGrpcBridge({ host: hostname, port: Number(doorPort) });
  port = await bridge.listen(0);
  ada = await Client.signUp(product.url);
  photo = await makePhoto({ width: 640, height: 480 });
});
afterAll(async () => {
  for (const client of clients) client.close();
  bridge.close();
});

function nativeClient(credential: Record<string, string> = { authorization: `Bearer ${ada.account.accessToken}` }) {
  const client = new NativeClient(port, credential);
  clients.push(client);
  return client;
}

/** The photo with so many bytes behind it that it has that size. */
function filledUp(bytes: number): Buffer {
  return Buffer.concat([photo, Buffer.alloc(bytes - photo.length)]);
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

const authorize: Interceptor = (next) => (request) => {
  request.header.set("Authorization", `Bearer ${ada.account.accessToken}`);
  return next(request);
};

const kinds: Record<string, () => ConnectClient<typeof ImageDelivery>> = {
  Connect: () => createClient(ImageDelivery, createConnectTransport({ ...options(), useBinaryFormat: true })),
  "Connect with JSON": () =>
    createClient(ImageDelivery, createConnectTransport({ ...options(), useBinaryFormat: false })),
  "gRPC-Web": () => createClient(ImageDelivery, createGrpcWebTransport(options())),
  "gRPC by the bridge": () =>
    createClient(ImageDelivery, createGrpcTransport({ ...options(), baseUrl: `http://localhost:${port}` })),
};

function options() {
  return { baseUrl: product.url, httpVersion: "1.1" as const, interceptors: [authorize] };
}

async function* pieces(bytes: Buffer) {
  yield { part: { case: "filename" as const, value: "sea.jpg" } };
  for (let at = 0; at < bytes.length; at += 512 * 1024) {
    yield { part: { case: "chunk" as const, value: bytes.subarray(at, at + 512 * 1024) } };
  }
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return Code[ConnectError.from(await work.catch((error: unknown) => error)).code];
}

describe.each(Object.keys(kinds))("a client of %s", (kind) => {
  test("uploads, follows, reads and lists", async () => {
    const client = kinds[kind]!();
    const content = filledUp(2 * MIB);
    const { imageId } = await client.uploadImage({ filename: "sea.jpg", content });
    let last = ImageStatus.UNSPECIFIED;
    for await (const { image } of client.watchImage({ id: imageId })) last = image?.status ?? last;
    expect(last).toBe(ImageStatus.COMPLETE);
    const { sizes } = await client.getImage({ id: imageId });
    expect(sizes.map(({ name }) => name)).toEqual(["thumbnail", "small", "medium", "large", "original"]);
    expect((await fetch(sizes[0]?.formats[0]?.url ?? "")).headers.get("Content-Type")).toBe("image/webp");
    const original = await ada.fetch(`/api/images/${imageId}/original`);
    expect(sha256(Buffer.from(await original.arrayBuffer()))).toBe(sha256(content));
    const { images } = await client.listImages({ pageSize: 1 });
    expect(images[0]?.id).toBe(imageId);
  });

  test("uploads in pieces what is too large for one message", async () => {
    const content = filledUp(11 * MIB);
    const uploaded = await kinds[kind]!().uploadImageStream(pieces(content));
    expect(uploaded).toMatchObject({ size: BigInt(content.length), sha256: sha256(content) });
  });

  test("is told what was wrong by the right code", async () => {
    const client = kinds[kind]!();
    expect(await codeOf(client.getImage({ id: crypto.randomUUID() }))).toBe("NotFound");
    expect(await codeOf(client.uploadImage({ content: Buffer.from("no photo") }))).toBe("InvalidArgument");
    expect(await codeOf(client.listImages({ pageSize: 1_000 }))).toBe("InvalidArgument");
    expect(await codeOf(client.uploadImage({ content: filledUp(7 * MIB) }))).toBe("ResourceExhausted");
  });
});

test("a stream over the limit of uploads is refused as exhausted", async () => {
  for (const kind of ["Connect", "gRPC-Web", "gRPC by the bridge"]) {
    expect(await codeOf(kinds[kind]!().uploadImageStream(pieces(filledUp(51 * MIB))))).toBe("ResourceExhausted");
  }
});

describe("a native client", () => {
  test("uploads 4 MiB in one message, and is refused one byte more than fits", async () => {
    const client = nativeClient();
    const content = filledUp(4 * MIB);
    const uploaded = await client.unary("UploadImage", { filename: "large.jpg", content });
    expect(uploaded).toMatchObject({ status: "IMAGE_STATUS_PENDING", size: 4 * MIB, sha256: sha256(content) });
    const more = filledUp(4 * MIB + 65 * 1024);
    expect(await refusalOf(client.unary("UploadImage", { content: more }))).toMatchObject({
      status: "RESOURCE_EXHAUSTED",
    });
  });

  test("is refused by the gateway and by the service in its own words", async () => {
    const stranger = { status: "UNAUTHENTICATED", problem: "unauthenticated" };
    expect(await refusalOf(nativeClient({}).unary("ListImages", {}))).toMatchObject(stranger);
    const liar = nativeClient({ authorization: "Bearer x.y.z" });
    expect(await refusalOf(liar.unary("ListImages", {}))).toMatchObject(stranger);
    const { key } = await ada.makeKey(["images:read"]);
    const reader = nativeClient({ "x-api-key": key });
    expect((await reader.unary("ListImages", {})).images).toBeTruthy();
    expect(await refusalOf(reader.unary("UploadImage", { content: photo }))).toMatchObject({
      status: "PERMISSION_DENIED",
      problem: "forbidden",
    });
  });

  test("never sees anybody else's photo", async () => {
    const { id } = await (await Client.signUp(product.url)).uploadPhoto(photo);
    const client = nativeClient();
    const refused = {
      status: "NOT_FOUND",
      problem: "not_found",
      details: "There is nothing here, or it is not yours.",
    };
    expect(await refusalOf(client.unary("GetImage", { id }))).toEqual(refused);
    expect(await refusalOf(client.watchAll(id))).toEqual(refused);
  });

  test("is told that a stream is over the limit although it goes on sending, or stops to wait", async () => {
    for (const ends of ["goes on", "waits"]) {
      const { stream, answer } = nativeClient().uploadStream(60_000);
      const refused = refusalOf(answer);
      stream.write({ filename: "endless.jpg" });
      stream.write({ chunk: photo });
      const piece = Buffer.alloc(MIB);
      for (let sent = 0; sent < 51; sent++) {
        if (!stream.write({ chunk: piece })) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const sending = setInterval(() => ends === "goes on" && stream.write({ chunk: piece }), 20);
      expect(await refused).toMatchObject({ status: "RESOURCE_EXHAUSTED", problem: "payload_too_large" });
      clearInterval(sending);
    }
  });

  test("makes fifty calls at once", async () => {
    const client = nativeClient();
    const { id } = await ada.uploadPhoto(photo);
    const calls = Array.from({ length: 50 }, (_, index): Promise<Message> => {
      if (index % 5 === 0) return client.unary("UploadImage", { filename: `${index}.jpg`, content: photo });
      return index % 2 === 0 ? client.unary("ListImages", {}) : client.unary("GetImage", { id });
    });
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => "imageId" in answer).length).toBe(10);
  });
});

describe("plain JSON", () => {
  const send = (path: string, body: object) =>
    ada.fetch(path, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) });

  test("uploads a photo larger than other JSON may be", async () => {
    const content = filledUp(300 * 1024);
    const answer = await send(LIST.replace("ListImages", "UploadImage"), { content: content.toString("base64") });
    expect(await answer.json()).toMatchObject({ size: String(content.length), sha256: sha256(content) });
  });

  test("is answered a refusal as JSON by the service, and as a problem document by the gateway", async () => {
    const refused = await send(LIST, { pageSize: 500 });
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: "invalid_argument" }]);
    const stranger = await fetch(`${product.url}${LIST}`, {
      method: "POST",
      headers: { ...JSON_TYPE, "X-API-Key": "x" },
      body: "{}",
    });
    expect([stranger.status, await stranger.json()]).toMatchObject([401, { code: "unauthenticated" }]);
    expect(stranger.headers.get("Content-Type")).toBe("application/problem+json");
  });
});

test("the .proto is served, and is what the clients are made from", async () => {
  const served = await (await fetch(`${product.url}/grpc/image_delivery.proto`)).text();
  expect(served).toContain("service ImageDelivery {");
});

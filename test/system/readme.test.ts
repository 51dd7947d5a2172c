import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "./support/client.ts";
import { exampleOf, examples, NAMES_OF_WALKS, walksOf } from "./support/examples.ts";
import { freePort } from "./support/free-port.ts";
import { makePhoto } from "./support/photo.ts";

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "halftone-readme-"));
const state = join(folder, "state");

let copy: Awaited<ReturnType<typeof startHalftone>>;

beforeAll(async () => {
  copy = await startHalftone({ state, bundled: true, admin: false, grpcPort: 0, vars: { LOG_LEVEL: "error" } });
});
afterAll(async () => {
  await copy.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs commands as a shell would, in a folder of their own and on this copy of the product. */
async function paste(commands: string): Promise<string> {
  // npm works in the project's folder, where the files of the example are not to be left.
  const script = (name: string) => `"${process.execPath}" "${join(ROOT, "scripts", name)}"`;
  const here = commands
    .replace("http://localhost:8080", copy.url)
    .replace("npm run --silent users:import --", script("users-import.mjs"))
    .replace("npm run --silent admin --", script("admin.mjs"))
    .replace("npm run --silent webhook:listen --", script("webhook-listen.mjs"));
  const env = { ...process.env, HALFTONE_STATE: state, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const { stdout } = await promisify(execFile)("sh", ["-ec", here], { cwd: folder, env });
  return stdout;
}

test("pastes every walk of the README and the guides", () => {
  expect(examples().flatMap(walksOf).sort()).toEqual([...NAMES_OF_WALKS].sort());
  for (const block of examples()) expect(walksOf(block), block).toHaveLength(1);
});

test("the five minutes work when they are pasted", async () => {
  writeFileSync(join(folder, "photo.jpg"), await makePhoto({ width: 800, height: 600 }));
  const printed = (await paste(exampleOf("five minutes"))).split("\n");
  const [account, upload, status, details, order, log] = printed.map((line) => (line ? JSON.parse(line) : null));
  expect(account).toMatchObject({ email: "ada@example.com" });
  expect(status).toMatchObject({ id: upload.imageId, status: "complete" });
  expect(details).toMatchObject({ id: upload.imageId, originalName: "photo.jpg" });
  expect((await sharp(join(folder, "small.webp")).metadata()).width).toBe(480);
  expect(order).toMatchObject({ product: "Print 30x40", status: "pending" });
  expect(log.map(({ action }: { action: string }) => action)).toContain("USER_REGISTER");
});

test("the gallery works when it is pasted", async () => {
  const ada = await Client.signUp(copy.url);
  const { id } = await ada.uploadPhoto(await makePhoto({ width: 640, height: 480 }));
  await ada.settled(id);
  const printed = await paste(`BASE=${copy.url}\nTOKEN=${ada.account.accessToken}\n${exampleOf("a gallery")}`);
  const { images } = JSON.parse(printed);
  expect(images).toMatchObject([{ id, sizes: { small: { width: 480 } } }]);
  expect((await fetch(images[0].sizes.thumbnail.url)).status).toBe(200);
});

test("an order that is sent twice, changed and cancelled works when it is pasted", async () => {
  const ada = await Client.signUp(copy.url);
  const { id } = await ada.uploadPhoto(await makePhoto({ width: 640, height: 480 }));
  const given = `BASE=${copy.url}\nTOKEN=${ada.account.accessToken}\nID=${id}\n`;
  const printed = (await paste(given + exampleOf("orders"))).trim().split("\n");
  const [placed, changed, stale, cancelled, timeline] = printed.map((line) => JSON.parse(line));
  expect(placed).toMatchObject({ currency: "EUR", total: 108.98, items: [{ imageId: id }, { product: "Frame" }] });
  expect(changed).toMatchObject({ id: placed.id, notes: "no glass, please" });
  expect(stale).toMatchObject({ status: 412 });
  expect(cancelled).toMatchObject({ id: placed.id, status: "cancelled" });
  expect(timeline).toHaveLength(3);
  expect(await ada.json("/api/orders")).toHaveLength(1);
});

test("the person of the SOAP envelope can be looked up when it is pasted", async () => {
  const printed = await paste(exampleOf("SOAP"));
  const [registered, found] = [...printed.matchAll(/<(?:\w+:)?username>([^<]+)</g)].map(([, username]) => username);
  expect(registered).toMatch(/^grace/);
  expect(found).toBe(registered);
  expect(printed).not.toContain("Fault");
});

test("the signed order works when it is pasted", async () => {
  const eve = await Client.signUp(copy.url);
  const printed = await paste(`BASE=${copy.url}\nTOKEN=${eve.account.accessToken}\n${exampleOf("a signed order")}`);
  expect(printed).toMatch(/^201 \{.*"product":"Mug"/);
  expect(await eve.json("/api/orders")).toMatchObject([{ product: "Mug", quantity: 1, price: 12.5 }]);
});

test("the gRPC client works when it is pasted", async () => {
  const ada = await Client.signUp(copy.url);
  writeFileSync(join(folder, "photo.jpg"), await makePhoto({ width: 800, height: 600 }));
  const example = exampleOf("gRPC")
    .replace("5015", String(copy.grpcPort))
    .replace("NODE_PATH=node_modules", `NODE_PATH="${join(ROOT, "node_modules")}"`);
  const printed = await paste(`BASE=${copy.url}\nTOKEN=${ada.account.accessToken}\n${example}`);
  expect(printed).toMatch(/^\{\}\n(IMAGE_STATUS_(PENDING|PROCESSING)\n)*IMAGE_STATUS_COMPLETE\n$/);
});

test("the stream of live status works when it is pasted", async () => {
  const ada = await Client.signUp(copy.url);
  writeFileSync(join(folder, "photo.jpg"), await makePhoto({ width: 800, height: 600 }));
  const printed = await paste(`BASE=${copy.url}\nTOKEN=${ada.account.accessToken}\n${exampleOf("live status")}`);
  const statuses = [...printed.matchAll(/^event: status\ndata: .*"status":"(\w+)"/gm)].map(([, status]) => status);
  expect(statuses).toEqual(["pending", "processing", "complete"]);
});

test("the resumed upload works when it is pasted", async () => {
  const ada = await Client.signUp(copy.url);
  const photo = await makePhoto({ width: 2_000, height: 1_500 });
  writeFileSync(join(folder, "photo.jpg"), photo);
  const printed = await paste(`BASE=${copy.url}\nTOKEN=${ada.account.accessToken}\n${exampleOf("a resumed upload")}`);
  expect(printed).toContain("Upload-Offset: 50000");
  const id = /^X-File-Id: (.+)\r$/im.exec(printed)?.[1];
  expect(printed).toMatch(new RegExp(`^X-Image-Id: ${id}\\r$`, "im"));
  expect(await ada.json(`/api/files/${id}/meta`)).toMatchObject({ name: "photo.jpg", size: photo.length });
});

test("a shared, a public and a zipped photo work when they are pasted", async () => {
  const ada = await Client.signUp(copy.url);
  const { id } = await ada.uploadPhoto(await makePhoto({ width: 640, height: 480 }));
  await ada.settled(id);
  const given = `BASE=${copy.url}\nTOKEN=${ada.account.accessToken}\nID=${id}\n`;
  const [made, seen, share, revoked, gone, changed, open, zip] = (
    await paste(given + exampleOf("a shared photo"))
  ).split("\n");
  expect(JSON.parse(made ?? "")).toMatchObject({ fileId: id, size: "large", uses: 0 });
  expect(seen).toBe("200 image/webp");
  expect(JSON.parse(share ?? "")).toMatchObject({ fileId: id, size: "large" });
  expect([revoked, gone, changed]).toEqual(["204", "404", "200"]);
  expect(open).toBe("200 image/webp");
  expect(zip).toBe("200 application/zip");
});

test("an imported person, a service account's order and an ended device work when they are pasted", async () => {
  const [imported, login, admin, order, devices, ended, refused] = (await paste(exampleOf("people and devices"))).split(
    "\n",
  );
  expect(imported).toBe("1 users imported, 0 were here already.");
  expect(JSON.parse(login ?? "")).toMatchObject({ message: "Login successful", email: "joan@example.com" });
  expect(admin).toContain("joan@example.com is an admin");
  expect(JSON.parse(order ?? "")).toMatchObject({ product: "Print 30x40", status: "pending" });
  expect(JSON.parse(devices ?? "")).toMatchObject([
    { userAgent: "laptop", current: false },
    { userAgent: "phone", current: true },
  ]);
  expect(ended).toBe("204");
  expect(JSON.parse(refused ?? "")).toMatchObject({ status: 401, code: "unauthenticated" });
});

test("an order that comes as a verified webhook works when it is pasted", async () => {
  const eve = await Client.signUp(copy.url);
  const example = exampleOf("webhooks").replaceAll("9000", String(await freePort()));
  const printed = await paste(`BASE=${copy.url}\nTOKEN=${eve.account.accessToken}\n${example}`);
  const lines = printed.trimEnd().split("\n");
  expect(printed).toMatch(/^Webhooks may come to http:\/\/localhost:\d+\/$/m);
  expect(printed).toMatch(/^verified order\.created \S+ resource=\S+#1 log=\d+ \{"product":"Poster"/m);
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject([{ type: "order.created", status: "delivered" }]);
});

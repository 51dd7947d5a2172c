import type { Route } from "playwright-core";
import { expect, test } from "vitest";
import { jpegWith, telltaleSegments } from "../support/metadata.ts";
import { makePhoto, PHONE_PHOTO } from "../system/support/photo.ts";
import { complaints, page, product } from "./stage.ts";
import { chooseFile, holdBack, newEmail, PASSWORD, shownPicture, signUp, submitAccountForm } from "./steps.ts";

/** What a 4032×3024 photo becomes (S2.63, C13). Pixels. */
const EXPECTED_SIZES = [
  ["Thumbnail", 150, 150],
  ["Small", 480, 360],
  ["Medium", 1024, 768],
  ["Large", 1920, 1440],
  ["Original", 4032, 3024],
] as const;

/** A photo takes a second or two; a busy machine is given much longer before the test calls it broken. */
const SIZES_MADE_WITHIN_MS = 90_000;

/** How many uploads are under way at the same time. */
const SENT_AT_ONCE = 3;
const TOO_MANY = { code: "busy", detail: "Too many uploads at the moment." };

test("a person signs up, uploads a 12-megapixel photo, and views it in all five resolutions", async () => {
  await signUp(page, product.url);
  expect(await page.title()).toBe("Photos · Halftone");

  const letResultCome = await holdBack(page, "**/api/images/events", "**/status");
  await chooseFile(page, "Überblick.jpg", "image/jpeg", await makePhoto(PHONE_PHOTO));
  await page.getByRole("status").filter({ hasText: "1 processing" }).waitFor();
  letResultCome();
  await page.getByRole("status").filter({ hasText: "1 ready" }).waitFor({ timeout: SIZES_MADE_WITHIN_MS });

  await page.getByRole("region", { name: "Your photos" }).getByRole("link", { name: "Überblick.jpg" }).click();
  await page.getByRole("heading", { name: "Überblick.jpg" }).waitFor();
  expect(await page.title()).toBe("Überblick.jpg · Halftone");
  for (const [label, width, height] of EXPECTED_SIZES) {
    const choice = page.getByRole("radio", { name: new RegExp(`^${label} ${width}×${height}`) });
    await choice.check();
    expect([label, ...(await shownPicture(page, "Überblick.jpg"))]).toEqual([label, width, height]);
  }
  expect(complaints.list).toEqual([]);
});

test("a person is told what a photo's file holds besides, and alone downloads it with that", async () => {
  await signUp(page, product.url);
  const photo = Buffer.from(jpegWith(await makePhoto({ width: 640, height: 480 }), telltaleSegments(1)));
  await chooseFile(page, "home.jpg", "image/jpeg", photo);
  await page.getByRole("status").filter({ hasText: "1 ready" }).waitFor({ timeout: SIZES_MADE_WITHIN_MS });

  await page.getByRole("region", { name: "Your photos" }).getByRole("link", { name: "home.jpg" }).click();
  const holds =
    "where it was taken, a small copy of itself, the camera's serial number, and more pictures behind this one";
  await page.getByText(`The original also holds ${holds}. Only your own download has that`).waitFor();
  await page.getByRole("radio", { name: /^Original/ }).check();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download original" }).click(),
  ]);
  const chunks = await (await download.createReadStream()).toArray();
  expect([download.suggestedFilename(), Buffer.concat(chunks).equals(photo)]).toEqual(["home.jpg", true]);
  expect(complaints.list).toEqual([]);
});

test("a reload keeps the person signed in, on the gallery and on a photo's own page", async () => {
  const email = await signUp(page, product.url);
  await chooseFile(page, "small.jpg", "image/jpeg", await makePhoto({ width: 640, height: 480 }));
  await page.getByRole("status").filter({ hasText: "1 ready" }).waitFor({ timeout: SIZES_MADE_WITHIN_MS });

  await page.reload();
  await page.getByText(email).waitFor();
  await page.getByRole("link", { name: "small.jpg" }).click();
  await page.getByRole("radio", { name: /^Small/ }).check();

  await page.reload();
  await page.getByRole("heading", { name: "small.jpg" }).waitFor();
  expect(await page.getByRole("radio", { name: /^Small/ }).isChecked()).toBe(true);
  expect(await shownPicture(page, "small.jpg")).toEqual([480, 360]);

  await page.goBack();
  await page.getByRole("region", { name: "Your photos" }).waitFor();
  expect(complaints.list).toEqual([]);
});

test("every API path answers itself in the address bar, and page routes give the page", async () => {
  const health = await page.goto(`${product.url}/health`);
  expect(await health?.json()).toMatchObject({ status: "healthy" });

  const images = await page.goto(`${product.url}/api/images`);
  expect(images?.status()).toBe(401);
  expect(await images?.json()).toMatchObject({ status: 401, code: "unauthenticated" });

  for (const path of ["/", "/app", "/app/sign-in", "/app/photos/x"]) {
    const answer = await page.goto(product.url + path);
    expect([path, answer?.status()]).toEqual([path, 200]);
    await page.getByRole("link", { name: "Halftone" }).waitFor();
  }
});

test("a stranger who opens a photo's address signs in first, and is led back to it", async () => {
  const email = await signUp(page, product.url);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Create an account" }).waitFor();

  complaints.expectRefusalOf("/api/images/no-such-photo");
  await page.goto(`${product.url}/app/photos/no-such-photo`);
  await submitAccountForm(page, email, PASSWORD);
  await page.getByRole("heading", { name: "This photo cannot be shown" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/app/photos/no-such-photo");
  expect(complaints.list).toEqual([]);
});

test("forms say at each field what is wrong, and at the button what else is", async () => {
  complaints.expectRefusalOf("/api/auth/register");
  await page.goto(`${product.url}/app/sign-up`);
  await submitAccountForm(page, "no address", "short");
  await page.locator("input[type=email][aria-invalid=true]").waitFor();
  await page.locator("input[type=password][aria-invalid=true]").waitFor();

  complaints.expectRefusalOf("/api/auth/login");
  await page.goto(`${product.url}/app/sign-in`);
  await submitAccountForm(page, newEmail(), PASSWORD);
  await page.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
  expect(complaints.list).toEqual([]);
});

test("a file that is no picture is refused with the server's sentence", async () => {
  await signUp(page, product.url);
  complaints.expectRefusalOf("/api/images");
  await chooseFile(page, "notes.txt", "text/plain", Buffer.from("These are notes."));
  const row = page.getByRole("region", { name: "Uploads" }).getByRole("listitem");
  await page.getByRole("status").filter({ hasText: "1 failed" }).waitFor();
  expect(await row.getByRole("button", { name: /Retry/ }).count()).toBe(0);
  await row.getByRole("button", { name: /Dismiss/ }).click();
  await page.getByText("notes.txt").waitFor({ state: "detached" });
  expect(complaints.list).toEqual([]);
});

test("three files are sent at once, a waiting one can be cancelled, and one that the server had no room for can be sent again", async () => {
  await signUp(page, product.url);
  const held: Route[] = [];
  await page.route("**/api/images", async (route) => {
    if (held.length === SENT_AT_ONCE) return route.continue();
    held.push(route);
  });
  const photo = await makePhoto({ width: 320, height: 240 });
  const names = ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"];
  const files = names.map((name) => ({ name, mimeType: "image/jpeg", buffer: photo }));
  await page.getByLabel("Choose photos").setInputFiles(files);

  const summary = page.getByRole("region", { name: "Uploads" }).getByRole("status");
  await summary.getByText("2 waiting, 3 sending", { exact: true }).waitFor();
  // A file is digested before its request leaves.
  await expect.poll(() => held.length).toBe(SENT_AT_ONCE);
  await page.getByRole("button", { name: "Cancel 5.jpg" }).click();
  await summary.getByText("1 waiting, 3 sending", { exact: true }).waitFor();

  complaints.expectRefusalOf("/api/images");
  // For the same reason they do not always leave in their order.
  for (const route of held) {
    const isFirst = route.request().headers()["x-file-name"] === "1.jpg";
    await (isFirst ? route.fulfill({ status: 503, json: TOO_MANY }) : route.continue());
  }
  await page.getByText(TOO_MANY.detail).waitFor();
  await page.getByRole("button", { name: "Retry 1.jpg" }).click();
  await summary.getByText("4 ready", { exact: true }).waitFor({ timeout: SIZES_MADE_WITHIN_MS });
  expect(await page.getByRole("link", { name: "5.jpg" }).count()).toBe(0);
  expect(complaints.list).toEqual([]);
});

test("a photo may be dropped on the page or pasted into it", async () => {
  await signUp(page, product.url);
  const photo = await makePhoto({ width: 320, height: 240 });
  await page.evaluate(
    (bytes) => {
      const carry = (name: string) => {
        const carried = new DataTransfer();
        carried.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
        return carried;
      };
      dispatchEvent(new DragEvent("drop", { dataTransfer: carry("dropped.jpg") }));
      dispatchEvent(new ClipboardEvent("paste", { clipboardData: carry("pasted.jpg") }));
    },
    [...photo],
  );

  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText("2 ready", { exact: true }).waitFor({ timeout: SIZES_MADE_WITHIN_MS });
  expect(await uploads.getByRole("link").allTextContents()).toEqual(["dropped.jpg", "pasted.jpg"]);
  expect(complaints.list).toEqual([]);
});

import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { makePhoto } from "../system/support/photo.ts";
import { complaints, page, product } from "./stage.ts";
import { chooseFile, holdBack, shownPicture, signUp } from "./steps.ts";

/** A photo takes a second or two; a busy machine is given much longer before the test calls it broken. */
const SIZES_MADE_WITHIN_MS = 90_000;

const PICTURES = "**/uploads/**";

/** Where a picture is and how large, in CSS pixels, and whether it is drawn on its blurred self. */
async function look(picture: Locator) {
  const isBlurred = await picture.evaluate((element) => getComputedStyle(element).backgroundImage.startsWith("url("));
  return { box: await picture.boundingBox(), isBlurred };
}

test("a picture that is on its way is shown blurred, and nothing moves when it comes", async () => {
  await signUp(page, product.url);
  await chooseFile(page, "wide.jpg", "image/jpeg", await makePhoto({ width: 1600, height: 900 }));
  await page.getByRole("status").filter({ hasText: "1 ready" }).waitFor({ timeout: SIZES_MADE_WITHIN_MS });

  const letGalleryGo = await holdBack(page, PICTURES);
  await page.reload();
  const tile = page.locator(".photo-frame img[srcset]");
  await tile.waitFor();
  const blurred = await look(tile);
  expect(blurred.isBlurred).toBe(true);
  expect((blurred.box?.width ?? 0) / (blurred.box?.height ?? 1)).toBeCloseTo(1600 / 900, 1);
  letGalleryGo();
  await expect.poll(() => look(tile)).toEqual({ box: blurred.box, isBlurred: false });

  const letPhotoGo = await holdBack(page, PICTURES);
  await page.goto(
    await page.getByRole("link", { name: "wide.jpg" }).evaluate((link) => (link as HTMLAnchorElement).href),
  );
  const picture = page.getByRole("img", { name: "wide.jpg" });
  await picture.waitFor();
  const before = await look(picture);
  expect(before.isBlurred).toBe(true);
  letPhotoGo();
  expect(await shownPicture(page, "wide.jpg")).toEqual([1600, 900]);
  await expect.poll(() => look(picture)).toEqual({ box: before.box, isBlurred: false });
  expect(complaints.list).toEqual([]);
});

import { describe, expect, test } from "vitest";
import { chooseFormat } from "../../../workers/images/src/images/choose-format.ts";

const CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
const SAFARI =
  "image/webp,image/avif,image/jxl,image/heic,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";
const ADDRESS_BAR = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

describe("of a photo whose sizes are made as WebP", () => {
  test.each([
    ["no header", undefined],
    ["any type", "*/*"],
    ["any picture", "image/*"],
    ["Chrome's pictures", CHROME],
    ["Safari's pictures", SAFARI],
    ["a browser's address bar", ADDRESS_BAR],
    ["both alike", "image/jpeg, image/webp"],
    ["JPEG and anything else just as well", "image/jpeg, */*"],
    ["JPEG rather than WebP, which it names", "image/jpeg, image/webp;q=0.5"],
    ["WebP, in capitals", "IMAGE/WEBP, image/jpeg;q=0.9"],
    ["neither", "text/html"],
    ["nothing", ""],
  ])("a client that takes %s gets WebP", (_client, accept) => {
    expect(chooseFormat(accept, ["webp"])).toBe("webp");
  });

  test.each([
    ["JPEG alone", "image/jpeg"],
    ["JPEG and older types", "image/gif, image/jpeg, image/png"],
    ["JPEG rather than anything", "image/jpeg, */*;q=0.5"],
    ["JPEG rather than another picture", "image/jpeg;q=0.9, image/*;q=0.1"],
    ["JPEG and types that nobody makes here", "image/avif, image/jpeg"],
    ["anything but WebP", "*/*, image/webp;q=0"],
    ["JPEG, in capitals", "IMAGE/JPEG"],
  ])("a client that takes %s is to get JPEG", (_client, accept) => {
    expect(chooseFormat(accept, ["webp"])).toBe("jpeg");
  });
});

test.each([
  ["image/jpeg", "jpeg"],
  ["image/jpeg, image/webp;q=0.5", "jpeg"],
  ["image/jpeg;q=0.5, image/webp", "webp"],
  [CHROME, "webp"],
  [undefined, "webp"],
])("of a photo that has both, %s gets %s", (accept, format) => {
  expect(chooseFormat(accept, ["webp", "jpeg"])).toBe(format);
});

test.each(["image/webp", "image/jpeg", "*/*", "text/html", undefined])(
  "of a photo that is JPEG only, %s gets it",
  (accept) => {
    expect(chooseFormat(accept, ["jpeg"])).toBe("jpeg");
  },
);

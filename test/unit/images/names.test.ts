import { describe, expect, test } from "vitest";
import { cleanName, fileNameOf, writeDisposition } from "../../../workers/images/src/files/disposition.ts";

describe("the name of an upload", () => {
  test.each([
    ['form-data; name="image"; filename="a.png"', "a.png"],
    ["attachment; filename=plain.txt", "plain.txt"],
    ['form-data; filename="say \\"hi\\".png"', 'say "hi".png'],
    ['form-data; filename="say %22hi%22.png"', 'say "hi".png'],
    ["form-data; filename=\"old.png\"; filename*=UTF-8''caf%C3%A9.png", "café.png"],
    ["form-data; filename*=UTF-8'en'broken%E9.png", "broken%E9.png"],
    ['form-data; name="title"', null],
  ])("is read from %s as %s", (disposition, name) => {
    expect(fileNameOf(disposition)).toBe(name);
  });

  test.each([
    ["C:\\Users\\me\\sea.png", "sea.png"],
    ["../../etc/passwd", "passwd"],
    ["a\r\nb\u0000c\u202egnp.exe", "abcgnp.exe"],
    ["..", "unnamed"],
    ["  ", "unnamed"],
    [null, "unnamed"],
    ["x".repeat(300), "x".repeat(255)],
  ])("is cleaned: %j becomes %j", (given, name) => {
    expect(cleanName(given)).toBe(name);
  });

  test("goes out in ASCII and in UTF-8, and can break no header", () => {
    expect(writeDisposition("attachment", 'a"b\\c%é(1).png')).toBe(
      `attachment; filename="a_b_c__(1).png"; filename*=UTF-8''a%22b%5Cc%25%C3%A9%281%29.png`,
    );
  });
});

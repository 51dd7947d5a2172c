import { describe, expect, it } from "vitest";
import type { Orientation } from "../../../shared/image-header/header.ts";
import { orientPixels } from "../../../workers/resizer/src/codecs/orient.ts";
import { cropPixels, type Pixels } from "../../../workers/resizer/src/codecs/pixels.ts";

/** A picture whose pixels are letters. */
function picture(...rows: string[]): Pixels {
  const width = rows[0]!.length;
  const letters = rows.join("");
  const data = new Uint8ClampedArray(letters.length * 4);
  for (let i = 0; i < letters.length; i++) data.fill(letters.charCodeAt(i), i * 4, i * 4 + 4);
  return { width, height: rows.length, data, alpha: false };
}

function rowsOf({ width, height, data }: Pixels): string[] {
  const letters = Array.from({ length: width * height }, (_, i) => String.fromCharCode(data[i * 4 + 3]!)).join("");
  return Array.from({ length: height }, (_, y) => letters.slice(y * width, (y + 1) * width));
}

describe("orientation", () => {
  /** How an upright "ab / cd / ef" is stored under each orientation. */
  it.each([
    [1, ["ab", "cd", "ef"]],
    [2, ["ba", "dc", "fe"]],
    [3, ["fe", "dc", "ba"]],
    [4, ["ef", "cd", "ab"]],
    [5, ["ace", "bdf"]],
    [6, ["bdf", "ace"]],
    [7, ["fdb", "eca"]],
    [8, ["eca", "fdb"]],
  ] as Array<[Orientation, string[]]>)("stands orientation %i upright", (orientation, stored) => {
    expect(rowsOf(orientPixels(picture(...stored), orientation))).toEqual(["ab", "cd", "ef"]);
  });
});

describe("a crop", () => {
  it("takes the window's pixels and leaves the picture as it was", () => {
    const whole = picture("abcd", "efgh", "ijkl");
    expect(rowsOf(cropPixels(whole, { left: 1, top: 1, width: 2, height: 2 }))).toEqual(["fg", "jk"]);
    expect(rowsOf(whole)).toEqual(["abcd", "efgh", "ijkl"]);
  });
});

import { describe, expect, it } from "vitest";
import { VARIANT_NAMES } from "../../../shared/contracts/variants.ts";
import { displayedSize, type Orientation } from "../../../shared/image-header/header.ts";
import { variantSize, workingSize } from "../../../shared/image-header/working-size.ts";
import { planVariants } from "../../../workers/resizer/src/plan.ts";

function plan(width: number, height: number, orientation: Orientation = 1) {
  return planVariants({ width, height, orientation });
}

describe("the plan", () => {
  it("makes each variant of a photo from the next larger one", () => {
    expect(plan(4032, 3024)).toEqual([
      { name: "large", from: "source", crop: null, width: 1920, height: 1440 },
      { name: "medium", from: "large", crop: null, width: 1024, height: 768 },
      { name: "small", from: "medium", crop: null, width: 480, height: 360 },
      {
        name: "thumbnail",
        from: "small",
        crop: { left: 60, top: 0, width: 360, height: 360 },
        width: 150,
        height: 150,
      },
    ]);
  });

  it("gives sizes as they are seen, not as they are stored", () => {
    const [large] = plan(4032, 3024, 6);
    expect(large).toMatchObject({ width: 1440, height: 1920 });
  });

  it("takes the thumbnail of a long picture from the smallest one that is broad enough", () => {
    expect(plan(5000, 300).at(-1)).toMatchObject({ from: "source", width: 150, crop: { left: 1175, width: 150 } });
    expect(plan(5000, 1000).at(-1)).toMatchObject({ from: "medium", width: 150 });
    expect(plan(300, 5000, 8).at(-1)).toMatchObject({ from: "source", crop: { left: 1175, top: 0 } });
  });

  it("enlarges nothing and leaves no side without a pixel", () => {
    for (const [width, height] of [
      [1, 1],
      [3, 5000],
      [149, 151],
      [480, 480],
      [16_384, 1],
      [1921, 1920],
    ] as const) {
      for (const name of VARIANT_NAMES) {
        const size = variantSize(name, { width, height });
        expect(size.width >= 1 && size.width <= width, `${name} of ${width} × ${height}`).toBe(true);
        expect(size.height >= 1 && size.height <= height, `${name} of ${width} × ${height}`).toBe(true);
      }
    }
  });

  it("takes windows that lie within the picture they are cut from", () => {
    for (let width = 1; width < 2400; width += 37) {
      for (let height = 1; height < 2400; height += 41) {
        const steps = plan(width, height, 5);
        const thumbnail = steps.at(-1)!;
        const source = displayedSize({ ...workingSize({ width, height }), orientation: 5 });
        const base = steps.find((step) => step.name === thumbnail.from) ?? source;
        const { left, top, width: side } = thumbnail.crop!;
        expect(left + side <= base.width && top + side <= base.height && side >= thumbnail.width).toBe(true);
      }
    }
  });

  it("decodes to the largest variant's size, and further only for the thumbnail of a long thin picture", () => {
    expect(workingSize({ width: 4032, height: 3024 })).toEqual({ width: 1920, height: 1440 });
    expect(workingSize({ width: 300, height: 200 })).toEqual({ width: 300, height: 200 });
    expect(workingSize({ width: 5000, height: 300 })).toEqual({ width: 2500, height: 150 });
    expect(workingSize({ width: 1, height: 60_000 })).toEqual({ width: 1, height: 1920 });
  });

  it("never enlarges the picture that was decoded", () => {
    for (let width = 1; width < 60_000; width = Math.ceil(width * 1.37)) {
      for (let height = 1; height < 60_000; height = Math.ceil(height * 1.41)) {
        const source = displayedSize({ ...workingSize({ width, height }), orientation: 6 });
        for (const step of plan(width, height, 6)) {
          const fits = step.width <= source.width && step.height <= source.height;
          expect(fits, `${step.name} of ${width} × ${height}`).toBe(true);
        }
      }
    }
  });
});

import sharp from "sharp";
import { expect, it } from "vitest";
import { sniff } from "../../../shared/image-header/sniff.ts";
import { randomNumbers } from "../../random.ts";
import { animation } from "../../worker/resizer/webp-writer.ts";

const MUTATIONS = 50_000;
const CHANGES_MAX = 8;
const SEED = 20_260_918;

async function seeds(): Promise<Uint8Array[]> {
  const picture = sharp({ create: { width: 33, height: 17, channels: 4, background: "#c0ffee80" } });
  const turned = picture.withMetadata({ orientation: 6 });
  const files = await Promise.all([
    turned.clone().jpeg().toBuffer(),
    turned.clone().jpeg({ progressive: true }).toBuffer(),
    turned.clone().png().toBuffer(),
    turned.clone().webp().toBuffer(),
    picture.clone().webp({ lossless: true }).toBuffer(),
  ]);
  const frame = { left: 4, top: 2, width: 33, height: 17 };
  const frames = files.slice(-2).map((still) => ({ ...frame, still: new Uint8Array(still) }));
  files.push(Buffer.from(animation({ width: 40, height: 30 }, frames)));
  const film = new TextEncoder().encode("\0\0\0\x1cftypmif1\0\0\0\0miafavifheic");
  return [...files.map((file) => new Uint8Array(file)), film];
}

it("reads 50,000 damaged files without throwing", { timeout: 60_000 }, async () => {
  const originals = await seeds();
  const random = randomNumbers(SEED);
  for (let i = 0; i < MUTATIONS; i++) {
    const original = originals[i % originals.length]!;
    const damaged = original.slice(0, random(4) === 0 ? random(original.length) : original.length);
    for (let change = random(CHANGES_MAX); change >= 0; change--) {
      damaged[random(Math.max(damaged.length, 1))] = random(256);
    }
    const { image } = sniff(damaged);
    if (image === null) continue;
    expect(image.width > 0 && image.height > 0).toBe(true);
    expect(image.orientation >= 1 && image.orientation <= 8).toBe(true);
  }
});

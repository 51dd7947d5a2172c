// The same variants by libvips through sharp, on one thread, in a process of its own so that its CPU can be told apart.

import sharp from "sharp";
import { VARIANTS } from "../../../shared/contracts/variants.ts";

const QUALITY = 80;
const LARGEST_FIRST = ["large", "medium", "small", "thumbnail"];

sharp.concurrency(1);
sharp.cache(false);

let photo = Buffer.alloc(0);

process.on("message", async (message) => {
  if (message.photo !== undefined) {
    photo = Buffer.from(message.photo);
    process.send({});
    return;
  }
  const before = process.cpuUsage();
  const variants = await makeVariants(message.format, message.options);
  const { user, system } = process.cpuUsage(before);
  process.send({ cpuMs: (user + system) / 1000, variants });
});

/** As the resizer works: one decode at the large size, everything else from that. */
async function makeVariants(format, encoding) {
  const options = { limitInputPixels: false, sequentialRead: true };
  const { data, info } = await sharp(photo, options)
    .autoOrient()
    .resize(fitting("large"))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const variants = {};
  for (const name of LARGEST_FIRST) {
    const large = sharp(data, { raw: info });
    const picture = name === "large" ? large : large.resize(fitting(name));
    variants[name] = await picture[format]({ quality: QUALITY, ...encoding }).toBuffer();
  }
  return variants;
}

function fitting(name) {
  return { ...VARIANTS[name], withoutEnlargement: true };
}

// libvips as the yardstick: started, asked and stopped from here.

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export function startLibvips() {
  const child = fork(join(import.meta.dirname, "libvips-process.mjs"), { serialization: "advanced" });
  const ask = async (message) => {
    child.send(message);
    const [answer] = await once(child, "message");
    return answer;
  };
  const makeVariants = async (format, options) => {
    const { cpuMs, variants } = await ask({ format, options });
    const files = Object.entries(variants).map(([name, bytes]) => [name, Buffer.from(bytes)]);
    return { cpuMs, variants: Object.fromEntries(files) };
  };
  return {
    async give(photo) {
      await ask({ photo });
    },
    /**
     * @param {number} effort of libwebp, 0 to 6; 4 is sharp's own choice
     * @returns {Promise<{ cpuMs: number, variants: Record<string, Buffer> }>}
     */
    run: (effort) => makeVariants("webp", { effort }),
    /** The same as JPEG, by libvips' own defaults: libjpeg-turbo with the best Huffman codes, 4:2:0. */
    runJpeg: () => makeVariants("jpeg", {}),
    stop: () => child.kill(),
  };
}

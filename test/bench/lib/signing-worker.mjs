// Runs in workerd: makes as many links as it is asked for, as a page of a gallery does.

import { linkMaker } from "../../../workers/images/src/links.ts";

const SETTINGS = { SIGNING_SECRET: "0123456789abcdef0123456789abcdef-bench", STRIP_METADATA: "shared" };
const ID = "019a0000-0000-7000-8000-000000000001";

let requests = 0;

export default {
  async fetch(request) {
    // No link is one that was made before.
    requests += 1;
    const count = Number(new URL(request.url).searchParams.get("links"));
    const link = linkMaker(SETTINGS, "https://photos.example.com");
    const made = Array.from({ length: count }, (_, index) => {
      const key = `${ID}/${ID}/1/large-${requests}-${index}-${ID}.webp`;
      const etag = "d41d8cd98f00b204e9800998ecf8427e";
      return link({ id: ID, name: `IMG_${index}-large.webp` }, { key, mimeType: "image/webp", etag, cuts: "" });
    });
    const links = await Promise.all(made);
    return new Response(String(links.length));
  },
};

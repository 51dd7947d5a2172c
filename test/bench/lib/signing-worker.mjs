// Runs in workerd: makes as many links as it is asked for, five to a photo, as a page of a gallery does.

import { linkMaker } from "../../../workers/images/src/delivery/links.ts";

const SETTINGS = { SIGNING_SECRET: "0123456789abcdef0123456789abcdef-bench", STRIP_METADATA: "shared" };
const USER = "019a0000-0000-7000-8000-000000000001";
const SIZES = ["thumbnail", "small", "medium", "large", "original"];

let requests = 0;

export default {
  fetch(request) {
    requests += 1;
    const count = Number(new URL(request.url).searchParams.get("links"));
    const link = linkMaker(SETTINGS, "https://photos.example.com");
    const links = Array.from({ length: count }, (_, index) => {
      const photo = Math.floor(index / SIZES.length);
      const size = SIZES[index % SIZES.length];
      const id = `019a0000-${String(requests % 10_000).padStart(4, "0")}-7000-8000-${String(photo).padStart(12, "0")}`;
      const key = `${USER}/${id}/1/${size}-${id}.webp`;
      const etag = "d41d8cd98f00b204e9800998ecf8427e";
      return link({ id, name: `IMG_${photo}-${size}.webp` }, { key, mimeType: "image/webp", etag, cuts: "" });
    });
    return new Response(String(links.length));
  },
};

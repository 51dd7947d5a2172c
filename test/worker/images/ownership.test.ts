import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { ImagesApi } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { signIn } from "../sign-in.ts";
import { uploadPhoto } from "./photos.ts";

const imagesService = (exports as unknown as { ImagesService: ImagesApi }).ImagesService;

test("other services hear which photos are a user's, and nothing of anybody else's", async () => {
  const [john, jane] = [await signIn(), await signIn()];
  const [his, hers] = [await uploadPhoto(john), await uploadPhoto(jane)];
  expect(await imagesService.ownedImages(john.id, [his.id, hers.id, newId()])).toEqual([his.id]);
  expect(await imagesService.ownedImages(john.id, [])).toEqual([]);
});

import { WorkerEntrypoint } from "cloudflare:workers";
import type { ImagesApi } from "../../../../shared/contracts/rpc.ts";
import type { Env } from "../env.ts";
import { ImagesRepo } from "./images.repo.ts";

/** The other services' door to what they may know of photos. */
export class ImagesService extends WorkerEntrypoint<Env> implements ImagesApi {
  ownedImages(userId: string, imageIds: string[]) {
    return new ImagesRepo(this.env.DB).ownedOf(userId, imageIds);
  }
}

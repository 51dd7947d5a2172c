import { WorkerEntrypoint } from "cloudflare:workers";
import type { ImagesPersonalDataApi } from "../../../../shared/contracts/rpc.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { type Env, readSettings } from "../env.ts";
import { FilesRepo } from "../files/files.repo.ts";
import { photosZip } from "../files/photos-zip.ts";
import { Objects } from "../storage/objects.ts";
import { TrashRepo } from "../storage/trash.repo.ts";
import { endUploads } from "../tus/end-uploads.ts";
import { eraseFiles, exportFiles } from "./personal-data.ts";
import { PersonalFilesRepo } from "./personal-files.repo.ts";

/** The door by which audit exports and erases what images knows of a user. */
export class PersonalDataService extends WorkerEntrypoint<Env> implements ImagesPersonalDataApi {
  readonly #files = new PersonalFilesRepo(this.env.DB);
  readonly #objects = new Objects(this.env.BUCKET);

  exportPage(userId: string, cursor: string | null) {
    return exportFiles(this.#files, userId, cursor);
  }

  async openPhotosZip(userId: string) {
    return photosZip({ personalFiles: this.#files, files: new FilesRepo(this.env.DB), objects: this.#objects }, userId);
  }

  eraseUser(userId: string) {
    const deps = {
      files: this.#files,
      objects: this.#objects,
      trash: new TrashRepo(this.env.DB),
      endUploads: (id: string) => endUploads(this.env, id),
      eraseFeed: (id: string) => this.env.FEEDS.getByName(id).erase(),
      commit: committer(this.env.RELAY.getByName(RELAY_NAME), this.ctx),
      storagePath: readSettings(this.env).STORAGE_PATH,
    };
    return eraseFiles(deps, userId);
  }
}

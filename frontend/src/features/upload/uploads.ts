import { watchImage } from "../../api/image-status.ts";
import { sendFile } from "../../api/send-file.ts";
import { whenPersonChanges } from "../../api/session.ts";
import { createUploadQueue } from "./upload-queue.ts";

/** The page's one queue. It goes on while the person looks at another page of the app. */
export const uploadQueue = createUploadQueue({ sendFile, watchImage });

whenPersonChanges(uploadQueue.clear);

/** Closing the tab would cut off what is not sent yet: the browser asks first. */
addEventListener("beforeunload", (event) => {
  const isUnsent = uploadQueue.uploads.get().some(({ phase }) => phase.name === "waiting" || phase.name === "sending");
  if (isUnsent) event.preventDefault();
});

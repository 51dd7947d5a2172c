import { Gallery } from "../features/gallery/gallery.tsx";
import { addPhoto } from "../features/gallery/photo-list.ts";
import { DropZone } from "../features/upload/drop-zone.tsx";
import { UploadList } from "../features/upload/upload-list.tsx";
import { uploadQueue } from "../features/upload/uploads.ts";
import { usePageTitle } from "../ui/use-page-title.ts";

// The two features know nothing of each other; here a photo that has arrived enters the gallery.
uploadQueue.onAccepted(addPhoto);

export function Library() {
  usePageTitle("Photos");
  return (
    <>
      <h1 className="for-readers">Photos</h1>
      <DropZone />
      <UploadList />
      <Gallery />
    </>
  );
}

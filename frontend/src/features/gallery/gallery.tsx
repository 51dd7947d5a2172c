import { useEffect } from "react";
import { useStore } from "../../store.ts";
import { HalftonePicture } from "../../ui/halftone-picture.tsx";
import { loadMore, loadNewest, photoList } from "./photo-list.ts";
import { PhotoTile } from "./photo-tile.tsx";
import "./gallery.css";

/** The person's own photos, newest first. */
export function Gallery() {
  const { photos, nextCursor, phase, problem } = useStore(photoList);

  useEffect(() => {
    void loadNewest();
  }, []);

  if (photos.length === 0 && phase === "idle") return <EmptyGallery />;
  return (
    <section aria-label="Your photos">
      <ul className="gallery">
        {photos.map((photo) => (
          <PhotoTile key={photo.id} photo={photo} />
        ))}
      </ul>
      <div role="status">
        {phase === "new" && <p className="quiet">Loading your photos…</p>}
        {problem !== null && (
          <p className="refusal">
            {problem.detail}{" "}
            <button type="button" className="text-button" onClick={loadNewest}>
              Try again
            </button>
          </p>
        )}
      </div>
      {nextCursor !== null && (
        <button type="button" className="button plain load-more" disabled={phase === "loading"} onClick={loadMore}>
          {phase === "loading" ? "Loading…" : "Load more"}
        </button>
      )}
    </section>
  );
}

function EmptyGallery() {
  return (
    <section className="empty-gallery">
      <HalftonePicture />
      <div>
        <h2>No photos yet</h2>
        <p className="quiet">Add the first one above. Its sizes are made at once and appear here, private to you.</p>
      </div>
    </section>
  );
}

import { type ChangeEvent, useEffect, useState } from "react";
import { uploadQueue } from "./uploads.ts";
import "./drop-zone.css";

/** Takes photos: chosen, pasted, or dropped anywhere on the page. */
export function DropZone() {
  const isDragging = useDroppedAndPasted();

  function choose(event: ChangeEvent<HTMLInputElement>) {
    uploadQueue.add([...(event.target.files ?? [])]);
    // The same file may be chosen again.
    event.target.value = "";
  }

  return (
    <section className={isDragging ? "drop-zone dragging" : "drop-zone"} aria-label="Add photos">
      <label className="button">
        Choose photos
        <input className="for-readers" type="file" accept="image/*" multiple onChange={choose} />
      </label>
      <p>{isDragging ? "Let go to upload." : "or drop or paste them anywhere on this page."}</p>
    </section>
  );
}

/** Adds what is dropped or pasted; answers whether files are being dragged over the page. */
function useDroppedAndPasted(): boolean {
  const [isDragging, setIsDragging] = useState(false);

  useEffect(() => {
    const dragOver = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setIsDragging(true);
    };
    const dragLeave = (event: DragEvent) => {
      // Only leaving the window has no element on the other side.
      if (event.relatedTarget === null) setIsDragging(false);
    };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setIsDragging(false);
      uploadQueue.add([...event.dataTransfer.files]);
    };
    const paste = (event: ClipboardEvent) => uploadQueue.add([...(event.clipboardData?.files ?? [])]);

    addEventListener("dragover", dragOver);
    addEventListener("dragleave", dragLeave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", dragOver);
      removeEventListener("dragleave", dragLeave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, []);

  return isDragging;
}

import { paths } from "../../routes.ts";
import { useStore } from "../../store.ts";
import { WorkingDots } from "../../ui/dots.tsx";
import { Link } from "../../ui/router.tsx";
import type { Upload, UploadPhase } from "./upload-queue.ts";
import { uploadQueue } from "./uploads.ts";
import "./upload-list.css";

/** Every upload since the page was opened, and a summary that screen readers hear. */
export function UploadList() {
  const uploads = useStore(uploadQueue.uploads);
  const hasReady = uploads.some((upload) => upload.phase.name === "ready");
  return (
    <section className="upload-list" aria-label="Uploads">
      <div className="upload-summary">
        <p role="status">{summarize(uploads)}</p>
        {hasReady && (
          <button type="button" className="text-button" onClick={uploadQueue.removeReady}>
            Clear ready
          </button>
        )}
      </div>
      {uploads.length > 0 && (
        <ul>
          {uploads.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}

function UploadRow({ upload }: { upload: Upload }) {
  const { id, file, phase } = upload;
  const canCancel = phase.name === "waiting" || phase.name === "sending";
  return (
    <li>
      <span className="upload-name">
        {phase.name === "ready" ? <Link to={paths.photo(phase.imageId)}>{file.name}</Link> : file.name}
      </span>
      <span className="upload-phase">
        <Phase phase={phase} name={file.name} />
      </span>
      <span className="upload-actions">
        {phase.name === "failed" && phase.mayRetry && (
          <button type="button" className="text-button" onClick={() => uploadQueue.retry(id)}>
            Retry<span className="for-readers"> {file.name}</span>
          </button>
        )}
        {(canCancel || phase.name === "failed") && (
          <button type="button" className="text-button" onClick={() => uploadQueue.remove(id)}>
            {canCancel ? "Cancel" : "Dismiss"}
            <span className="for-readers"> {file.name}</span>
          </button>
        )}
      </span>
    </li>
  );
}

function Phase({ phase, name }: { phase: UploadPhase; name: string }) {
  switch (phase.name) {
    case "waiting":
      return <span className="quiet">Waiting</span>;
    case "sending": {
      const percent = Math.floor(phase.fraction * 100);
      return (
        <>
          <progress value={phase.fraction} aria-label={`Sending ${name}`} />
          <span className="figures">{percent}%</span>
        </>
      );
    }
    case "processing":
      return (
        <>
          <WorkingDots /> Making its sizes
        </>
      );
    case "ready":
      return <span>Ready</span>;
    case "failed":
      return <span className="refusal">{phase.sentence}</span>;
  }
}

/** Such as "2 sending, 1 ready". Progress in percent is left out: it would be read aloud without end. */
function summarize(uploads: readonly Upload[]): string {
  const count = (name: UploadPhase["name"]) => uploads.filter((upload) => upload.phase.name === name).length;
  const parts: [number, string][] = [
    [count("waiting"), "waiting"],
    [count("sending"), "sending"],
    [count("processing"), "processing"],
    [count("ready"), "ready"],
    [count("failed"), "failed"],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(", ");
}

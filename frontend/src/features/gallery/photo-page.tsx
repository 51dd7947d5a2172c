import type { CSSProperties } from "react";
import type { ImageDetails, SizeView } from "../../../../shared/contracts/images.ts";
import type { SizeName } from "../../../../shared/contracts/variants.ts";
import { paths } from "../../routes.ts";
import { WorkingDots } from "../../ui/dots.tsx";
import { formatTime } from "../../ui/format-time.ts";
import { Link, replaceAddress, useAddress } from "../../ui/router.tsx";
import { usePageTitle } from "../../ui/use-page-title.ts";
import { MetadataNote } from "./metadata-note.tsx";
import { loadPhoto, usePhoto } from "./photo-details.ts";
import { SignedImage } from "./signed-image.tsx";
import { SizeSelector } from "./size-selector.tsx";
import { fileNameOf, pickSize, SIZE_LABELS } from "./sizes.ts";
import "./photo-page.css";

/** The most of the window's height that a picture takes, in percent. */
const STAGE_HEIGHT_VH = 75;

/** One photo in any of its sizes. The address carries the chosen size, so that it can be bookmarked. */
export function PhotoPage({ id }: { id: string }) {
  const photo = usePhoto(id);
  usePageTitle(photo?.details?.originalName ?? "Photo");
  return (
    <article>
      <p>
        <Link to={paths.library}>All photos</Link>
      </p>
      {photo === undefined && <p className="quiet">Loading…</p>}
      {photo?.problem && (
        <>
          <h1>This photo cannot be shown</h1>
          <p role="alert">{photo.problem.detail}</p>
          <button type="button" className="button plain" onClick={() => loadPhoto(id)}>
            Try again
          </button>
        </>
      )}
      {photo?.details && <PhotoView details={photo.details} />}
    </article>
  );
}

function PhotoView({ details }: { details: ImageDetails }) {
  const { path, search } = useAddress();
  const chosen = pickSize(details.sizes, new URLSearchParams(search).get("size"));
  const size = chosen === null ? undefined : details.sizes[chosen];
  const choose = (name: SizeName) => replaceAddress(`${path}?size=${name}`);

  return (
    <>
      <h1 className="photo-name">{details.originalName}</h1>
      <div className="photo-layout">
        <figure className="photo-stage">
          {size && (
            <SignedImage
              key={chosen}
              photoId={details.id}
              alt={details.originalName}
              thumbHash={details.thumbHash}
              style={stageStyle(size)}
              src={size.url}
              width={size.width}
              height={size.height}
            />
          )}
        </figure>
        <div className="photo-side">
          <Progress details={details} />
          <SizeSelector sizes={details.sizes} chosen={chosen} choose={choose} />
          {size && chosen && (
            <a
              className="button"
              href={chosen === "original" ? originalPath(details.id) : size.url}
              download={fileNameOf(details.originalName, chosen, size)}
            >
              Download {SIZE_LABELS[chosen].toLowerCase()}
            </a>
          )}
          {details.metadata && <MetadataNote {...details.metadata} />}
          <p className="quiet photo-date">
            Uploaded <time dateTime={details.uploadedAt}>{formatTime(details.uploadedAt)}</time>
          </p>
        </div>
      </div>
    </>
  );
}

/** By the session and not by a link: the owner gets the file as it came, with what links leave out. */
function originalPath(id: string): string {
  return `/api/images/${id}/original`;
}

/** As large as the stage allows, and no larger than it is: known before the picture comes, so that nothing moves then. */
function stageStyle({ width, height }: SizeView): CSSProperties {
  const ratio = width / height;
  return { width: `min(100%, ${width}px, ${STAGE_HEIGHT_VH * ratio}vh)`, aspectRatio: ratio };
}

/** Whether the sizes are made; heard by screen readers when it changes. */
function Progress({ details }: { details: ImageDetails }) {
  const isWorking = details.status === "pending" || details.status === "processing";
  return (
    <div role="status" className="photo-progress">
      {isWorking && (
        <p>
          <WorkingDots /> Making its sizes
        </p>
      )}
      {details.status === "failed" && (
        <p className="refusal">{details.errorMessage ?? "The sizes of this photo could not be made."}</p>
      )}
    </div>
  );
}

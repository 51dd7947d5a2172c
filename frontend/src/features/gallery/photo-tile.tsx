import type { ImageSummary } from "../../../../shared/contracts/images.ts";
import { paths } from "../../routes.ts";
import { WorkingDots } from "../../ui/dots.tsx";
import { Link } from "../../ui/router.tsx";
import { type Photo, usePhoto } from "./photo-details.ts";
import { SignedImage } from "./signed-image.tsx";
import { usePlaceholder } from "./use-placeholder.ts";

/** The shape of a tile whose photo's own is not known. */
const USUAL_RATIO = 4 / 3;
/** Panoramas and very tall pictures are cropped to this, so that no row is a strip. */
const WIDEST_RATIO = 2.5;
const TALLEST_RATIO = 0.6;

/** One photo of the gallery, in a row that all of its photos share the height of. */
export function PhotoTile({ photo }: { photo: ImageSummary }) {
  const known = usePhoto(photo.id);
  const ratio = ratioOf(photo);
  return (
    <li className="photo-tile" style={{ flexGrow: ratio, flexBasis: `calc(${ratio} * var(--row))` }}>
      <Link to={paths.photo(photo.id)}>
        <span className="photo-frame" style={{ aspectRatio: ratio }}>
          <TileContent photo={photo} known={known} />
        </span>
        <span className="photo-caption">{photo.originalName}</span>
      </Link>
    </li>
  );
}

function TileContent({ photo, known }: { photo: ImageSummary; known: Photo | undefined }) {
  if (known === undefined) return <Waiting thumbHash={photo.thumbHash} />;
  if (known.problem !== null) return <p className="refusal">{known.problem.detail}</p>;
  const { status, errorMessage, sizes, thumbHash } = known.details;
  if (status === "failed") return <p className="refusal">{errorMessage ?? "The sizes could not be made."}</p>;
  if (sizes.small === undefined) {
    return (
      <p>
        <WorkingDots /> Making its sizes
      </p>
    );
  }
  const choices = [sizes.small, sizes.medium].filter((size) => size !== undefined);
  return (
    <SignedImage
      photoId={photo.id}
      alt=""
      thumbHash={thumbHash}
      loading="lazy"
      srcSet={choices.map((size) => `${size.url} ${size.width}w`).join(", ")}
      sizes="auto, 20rem"
      src={sizes.small.url}
      width={sizes.small.width}
      height={sizes.small.height}
    />
  );
}

/** The photo's details are on their way. */
function Waiting({ thumbHash }: { thumbHash: string | null }) {
  const source = usePlaceholder(thumbHash);
  return source === null ? <WorkingDots /> : <img src={source} alt="" />;
}

function ratioOf({ width, height }: ImageSummary): number {
  if (height === 0) return USUAL_RATIO;
  return Math.min(WIDEST_RATIO, Math.max(TALLEST_RATIO, width / height));
}

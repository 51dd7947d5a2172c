import { type ImgHTMLAttributes, useRef, useState } from "react";
import { loadPhoto } from "./photo-details.ts";
import { usePlaceholder } from "./use-placeholder.ts";

interface SignedImageProps extends ImgHTMLAttributes<HTMLImageElement> {
  photoId: string;
  alt: string;
  thumbHash: string | null;
}

/**
 * A picture at a signed address, blurred while it loads. The address expires while a tab stays open: then the details
 * are asked for once more.
 */
export function SignedImage({ photoId, alt, thumbHash, style, ...attributes }: SignedImageProps) {
  const hasAskedAgain = useRef(false);
  const [hasLoaded, setHasLoaded] = useState(false);
  const placeholder = usePlaceholder(thumbHash);

  function askAgain() {
    if (hasAskedAgain.current) return;
    hasAskedAgain.current = true;
    void loadPhoto(photoId);
  }

  // Taken away once the picture is there: it would show through what is transparent.
  const isBlurred = placeholder !== null && !hasLoaded;
  const background = isBlurred ? `url(${placeholder}) center / cover no-repeat` : undefined;
  return (
    <img
      {...attributes}
      alt={alt}
      style={{ ...style, background }}
      onLoad={() => setHasLoaded(true)}
      onError={askAgain}
    />
  );
}

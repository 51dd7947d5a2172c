import { type ImgHTMLAttributes, useRef } from "react";
import { loadPhoto } from "./photo-details.ts";

interface SignedImageProps extends ImgHTMLAttributes<HTMLImageElement> {
  photoId: string;
  alt: string;
}

/** A picture at a signed address. The address expires while a tab stays open: then the details are asked for once more. */
export function SignedImage({ photoId, alt, ...attributes }: SignedImageProps) {
  const hasAskedAgain = useRef(false);

  function askAgain() {
    if (hasAskedAgain.current) return;
    hasAskedAgain.current = true;
    void loadPhoto(photoId);
  }

  return <img {...attributes} alt={alt} onError={askAgain} />;
}

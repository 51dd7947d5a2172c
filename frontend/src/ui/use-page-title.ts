import { useEffect } from "react";

const PRODUCT = "Halftone";

/** Names the page in the tab and in the history. */
export function usePageTitle(title: string | null): void {
  useEffect(() => {
    document.title = title === null ? PRODUCT : `${title} · ${PRODUCT}`;
  }, [title]);
}

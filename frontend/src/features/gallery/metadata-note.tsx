import type { ImageDetails } from "../../../../shared/contracts/images.ts";

type Metadata = NonNullable<ImageDetails["metadata"]>;

/** What people would rather know that a file tells; the rest is not named. */
const TELLING: Partial<Record<Metadata["found"][number], string>> = {
  gps: "where it was taken",
  serial_number: "the camera's serial number",
  thumbnail: "a small copy of itself",
  extra_pictures: "more pictures behind this one",
};

const WHO_GETS_IT: Record<Metadata["removedFor"], string> = {
  others: "Only your own download has that; links leave it out.",
  everybody: "Neither links nor downloads have that.",
  nobody: "Whoever has a link gets that too.",
};

/** Tells the owner what else is in the file. Nothing where it holds nothing to worry about. */
export function MetadataNote({ found, removedFor }: Metadata) {
  const told = found.flatMap((kind) => TELLING[kind] ?? []);
  if (told.length === 0) return null;
  return (
    <p className="quiet">
      The original also holds {new Intl.ListFormat("en").format(told)}. {WHO_GETS_IT[removedFor]}
    </p>
  );
}

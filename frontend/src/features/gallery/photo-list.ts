import type { ImageList, ImageSummary } from "../../../../shared/contracts/images.ts";
import type { Problem } from "../../api/answer.ts";
import { callApi } from "../../api/call.ts";
import { whenPersonChanges } from "../../api/session.ts";
import { createStore } from "../../store.ts";

/** The person's photos, newest first, as far as they have been loaded. */
export interface PhotoList {
  photos: readonly ImageSummary[];
  /** Where the next page begins; null when there is none. */
  nextCursor: string | null;
  /** `new` until the first page has come. */
  phase: "new" | "loading" | "idle" | "failed";
  problem: Problem | null;
}

const PAGE_SIZE = 24;
const CURSOR_HEADER = "X-Next-Cursor";

const EMPTY: PhotoList = { photos: [], nextCursor: null, phase: "new", problem: null };

export const photoList = createStore<PhotoList>(EMPTY);

/** Counts the people at the screen: an answer to the one before is dropped. */
let person = 0;

whenPersonChanges(() => {
  person += 1;
  photoList.set(EMPTY);
});

/** Loads the first page, or what is new since it was loaded. */
export async function loadNewest(): Promise<void> {
  const before = photoList.get();
  const page = await loadPage(null);
  if (page === null) return;
  const known = photoList.get().photos.filter((photo) => !page.photos.some((fresh) => fresh.id === photo.id));
  const isFirstLoad = before.nextCursor === null && before.phase !== "idle";
  photoList.set({
    photos: newestFirst([...page.photos, ...known]),
    nextCursor: isFirstLoad ? page.nextCursor : before.nextCursor,
    phase: "idle",
    problem: null,
  });
}

export async function loadMore(): Promise<void> {
  const page = await loadPage(photoList.get().nextCursor);
  if (page === null) return;
  const known = photoList.get().photos;
  const added = page.photos.filter((photo) => !known.some((other) => other.id === photo.id));
  photoList.set({ photos: [...known, ...added], nextCursor: page.nextCursor, phase: "idle", problem: null });
}

/** Shows a photo that has just been uploaded. */
export function addPhoto(photo: ImageSummary): void {
  const list = photoList.get();
  if (list.photos.some((other) => other.id === photo.id)) return;
  photoList.set({ ...list, photos: [photo, ...list.photos] });
}

async function loadPage(cursor: string | null): Promise<Pick<PhotoList, "photos" | "nextCursor"> | null> {
  const asker = person;
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (cursor !== null) query.set("cursor", cursor);
  photoList.set({ ...photoList.get(), phase: photoList.get().phase === "new" ? "new" : "loading", problem: null });
  const answer = await callApi<ImageList>(`/api/images?${query}`);
  if (asker !== person) return null;
  if (answer.ok) return { photos: answer.value.images, nextCursor: answer.headers.get(CURSOR_HEADER) };
  photoList.set({ ...photoList.get(), phase: "failed", problem: answer.problem });
  return null;
}

function newestFirst(photos: ImageSummary[]): ImageSummary[] {
  return photos.toSorted((one, other) => other.uploadedAt.localeCompare(one.uploadedAt));
}

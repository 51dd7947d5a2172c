import { useEffect, useSyncExternalStore } from "react";
import type { ImageDetails } from "../../../../shared/contracts/images.ts";
import type { Problem } from "../../api/answer.ts";
import { callApi } from "../../api/call.ts";
import { watchImage } from "../../api/image-status.ts";
import { whenPersonChanges } from "../../api/session.ts";
import { createStore } from "../../store.ts";

/** One photo as far as it is known: its details, or why they could not be had. */
export type Photo = { details: ImageDetails; problem: null } | { details: null; problem: Problem };

const photos = createStore<ReadonlyMap<string, Photo>>(new Map());
let person = 0;

whenPersonChanges(() => {
  person += 1;
  photos.set(new Map());
});

/** Asks for a photo's details, also when they are known: the addresses of its sizes expire. */
export async function loadPhoto(id: string): Promise<void> {
  const asker = person;
  const answer = await callApi<ImageDetails>(`/api/images/${encodeURIComponent(id)}`);
  if (asker !== person) return;
  const photo: Photo = answer.ok
    ? { details: answer.value, problem: null }
    : { details: null, problem: answer.problem };
  photos.set(new Map(photos.get()).set(id, photo));
}

/** A photo's details, kept up to date until its sizes are made. Undefined while they are on their way. */
export function usePhoto(id: string): Photo | undefined {
  const photo = useSyncExternalStore(photos.subscribe, () => photos.get().get(id));
  const status = photo?.details?.status;

  useEffect(() => {
    if (!photos.get().has(id)) void loadPhoto(id);
  }, [id]);

  useEffect(() => {
    if (status !== "pending" && status !== "processing") return undefined;
    return watchImage(id, () => void loadPhoto(id));
  }, [id, status]);

  return photo;
}

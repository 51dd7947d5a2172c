/** What an `Idempotency-Key` of a beginning is kept under. */
export const BEGIN_ROUTE = "begin upload";

/** Where an upload is found, as its beginning is answered. */
export function pathOf(id: string): string {
  return `/api/uploads/${id}`;
}

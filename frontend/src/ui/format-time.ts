/** A time as the person's language writes it. @param time as the API writes it (RFC 3339) */
export function formatTime(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
}

export function formatDay(time: string): string {
  return new Date(time).toLocaleDateString(undefined, { dateStyle: "long" });
}

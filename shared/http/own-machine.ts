const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a request came to one's own machine, where there is no https. No deployment is reached under such a name. */
export function isOwnMachine(url: URL): boolean {
  return url.protocol === "http:" && LOOPBACK.has(url.hostname);
}

// Ids as the Workers make them, for commands that run before any package is installed.

import { randomBytes } from "node:crypto";

/** RFC 9562 section 5.7: 48 bits of milliseconds, then random bits around version and variant. */
export function uuidV7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

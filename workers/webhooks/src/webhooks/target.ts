import { fail, ok, type Result } from "../../../../shared/result.ts";

/** What may be called besides what everybody may. */
export interface TargetRules {
  /** Whether the same machine may be called, by http and on any port: for development. */
  allowLocal: boolean;
  /** Hosts, with their ports, under which the product itself answers. */
  ownHosts: string[];
}

/** Names that never lead to a public server (RFC 2606, 6761, 6762, 8375, and what networks use by custom). */
const PRIVATE_ENDINGS = [
  "localhost",
  "local",
  "internal",
  "intranet",
  "lan",
  "localdomain",
  "home",
  "corp",
  "private",
  "arpa",
  "test",
  "example",
  "invalid",
  "onion",
];

/**
 * Whether an address may be told of events. It is asked when the address is written down and again before every
 * attempt, because rules may change. A public name that leads to a private address passes: a Worker cannot look names
 * up by itself. At Cloudflare's edge that does no harm, for `fetch` reaches the public internet only.
 */
export function checkTarget(text: string, { allowLocal, ownHosts }: TargetRules): Result<URL, "address_refused"> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return refuse("is no address");
  if (url.username !== "" || url.password !== "") return refuse("must hold no user name and no password");
  if (ownHosts.some((own) => isSameDoor(own, url))) return refuse("leads back to this product");
  if (allowLocal && isLoopback(url.hostname) && /^https?:$/.test(url.protocol)) return ok(url);
  if (url.protocol !== "https:") return refuse("must begin with https://");
  if (url.port !== "") return refuse("must have no port of its own");
  if (isLiteral(url.hostname)) return refuse("must have a host name in place of a number");
  if (isPrivateName(url.hostname)) return refuse("must have a public host name");
  return ok(url);
}

function refuse(message: string) {
  return fail("address_refused", message);
}

/** Every name of the own machine leads to the same door, if the port is the same. */
function isSameDoor(own: string, { host, hostname, port }: URL): boolean {
  const door = new URL(`http://${own}`);
  return own === withoutLastDot(host) || (isLoopback(door.hostname) && isLoopback(hostname) && door.port === port);
}

/** The parser has normalised every other spelling, such as 0x7f.1 or 2130706433. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || /^(127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function isLiteral(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname);
}

/** A dot at the end of a name is another spelling of the same name. */
function withoutLastDot(host: string): string {
  return host.replace(/\.(?=$|:)/, "");
}

/** A single label is a name of somebody's own network. */
function isPrivateName(hostname: string): boolean {
  const labels = withoutLastDot(hostname).split(".");
  return labels.length < 2 || PRIVATE_ENDINGS.includes(labels.at(-1) ?? "");
}

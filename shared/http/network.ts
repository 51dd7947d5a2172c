/** How many of an IPv6 address's eight groups name the network: a /64. */
const NETWORK_GROUPS = 4;

/**
 * What counts as one address where callers are counted: an IPv4 address, or an IPv6 /64, all of which one household or
 * host may use. IPv4 addresses in their IPv6 spelling count as what they are.
 */
export function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail = ""] = ip.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const missing = ip.includes("::") ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0") : [];
  return [...left, ...missing, ...right].slice(0, NETWORK_GROUPS).join(":");
}

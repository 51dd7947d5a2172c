import { Breaker, type BreakerState } from "../../../../shared/breaker.ts";
import { type Env, readSettings } from "../env.ts";
import { SERVICES, type ServiceName } from "../routes.ts";
import { InFlight } from "./in-flight.ts";
import { RetryBudget } from "./retry.ts";

/** Where calls to a service go: its binding, or one of the addresses that a setting puts in its place. */
export interface Target {
  /** The service's name, or the address. */
  name: string;
  breaker: Breaker;
  inFlight: InFlight;
  fetch(request: Request): Promise<Response>;
}

/** A service as this isolate knows it. */
export interface Destination {
  targets: Target[];
  retries: RetryBudget;
  /** Which target is next; they take turns (S0.42, S1.4). */
  turn: number;
}

/**
 * Per isolate, never shared: asking an object for the state of a breaker would cost more than the call it guards. The
 * key is the environment, of which an isolate has one.
 */
const destinations = new WeakMap<Env, Record<ServiceName, Destination>>();

export function destinationOf(env: Env, service: ServiceName): Destination {
  return destinationsOf(env)[service];
}

/** The next target that a call may go to, null when all are given up. */
export function nextTarget(destination: Destination, now: number): Target | null {
  const { targets } = destination;
  const first = destination.turn++;
  for (const offset of targets.keys()) {
    const target = targets[(first + offset) % targets.length];
    if (target?.breaker.admits(now)) return target;
  }
  return null;
}

/** For questions about the service itself, such as its health: they go out whatever the breaker says. */
export function bindingOf(
  env: Env,
  service: ServiceName,
): { fetch(request: Request | string, init?: RequestInit): Promise<Response> } {
  const destination = destinationOf(env, service);
  return {
    fetch: async (request, init) => {
      const target = destination.targets[destination.turn++ % destination.targets.length];
      if (target === undefined) throw new Error(`no target for ${service}`);
      return target.fetch(new Request(request, init));
    },
  };
}

/** How each target's breaker stands in this isolate, by the target's name. */
export function breakerStates(
  env: Env,
  now = Date.now(),
): { service: ServiceName; name: string; state: BreakerState }[] {
  const known = destinationsOf(env);
  return SERVICES.flatMap((service) =>
    known[service].targets.map(({ name, breaker }) => ({ service, name, state: breaker.state(now) })),
  );
}

function destinationsOf(env: Env): Record<ServiceName, Destination> {
  const known = destinations.get(env);
  if (known !== undefined) return known;
  const settings = readSettings(env);
  const made: Record<ServiceName, Destination> = {
    auth: destination("auth", env.AUTH_HTTP, [...settings.AUTH_SERVICE_URL, ...settings.USER_SERVICE_URL]),
    images: destination("images", env.IMAGES_HTTP, [...settings.IMAGES_SERVICE_URL, ...settings.APP_SERVICE_URL]),
    resizer: destination("resizer", env.RESIZER_HTTP, settings.RESIZER_SERVICE_URL),
    orders: destination("orders", env.ORDERS_HTTP, [...settings.ORDERS_SERVICE_URL, ...settings.ORDER_SERVICE_URL]),
    audit: destination("audit", env.AUDIT_HTTP, settings.AUDIT_SERVICE_URL),
    webhooks: destination("webhooks", env.WEBHOOKS_HTTP, settings.WEBHOOKS_SERVICE_URL),
  };
  destinations.set(env, made);
  return made;
}

function destination(name: ServiceName, binding: Fetcher, addresses: string[]): Destination {
  const targets =
    addresses.length === 0
      ? [target(name, (request) => binding.fetch(request))]
      : addresses.map((address) => target(address, (request) => fetch(new Request(at(address, request.url), request))));
  return { targets, retries: new RetryBudget(), turn: 0 };
}

function target(name: string, fetch: Target["fetch"]): Target {
  return { name, breaker: new Breaker(), inFlight: new InFlight(), fetch };
}

/** The same path and query at another address. */
function at(address: string, url: string): string {
  const { pathname, search } = new URL(url);
  return `${address}${pathname}${search}`;
}

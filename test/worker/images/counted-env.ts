import { createExecutionContext } from "cloudflare:test";
import app from "../../../workers/images/src/index.ts";
import { env } from "./photos.ts";

/** A statement that was sent to the database, with what was bound to it. */
export interface Sent {
  sql: string;
  parameters: unknown[];
}

/** A database that notes every trip to it; a batch is one. */
export function countedDatabase(): { database: D1Database; trips: Sent[][] } {
  const trips: Sent[][] = [];
  const known = new WeakMap<object, { statement: D1PreparedStatement; sent: Sent }>();
  const noted = (statement: D1PreparedStatement, sent: Sent): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get(target, name) {
        if (name === "bind") {
          return (...parameters: unknown[]) => noted(target.bind(...parameters), { ...sent, parameters });
        }
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...args: unknown[]) => {
          trips.push([sent]);
          return method.apply(target, args);
        };
      },
    });
    known.set(proxy, { statement, sent });
    return proxy;
  };
  const database = new Proxy(env.DB, {
    get(target, name) {
      if (name === "prepare") return (sql: string) => noted(target.prepare(sql), { sql, parameters: [] });
      if (name !== "batch") throw new Error(`Nothing here calls ${String(name)} of the database.`);
      return (proxies: D1PreparedStatement[]) => {
        const found = proxies.map((proxy) => known.get(proxy)!);
        trips.push(found.map(({ sent }) => sent));
        return target.batch(found.map(({ statement }) => statement));
      };
    },
  });
  return { database, trips };
}

/** Any use of it fails. */
export function nothing<Binding extends object>(): Binding {
  const touched = () => {
    throw new Error("This must not be touched.");
  };
  return new Proxy({}, { get: touched }) as Binding;
}

/** Asks the images Worker with some of its bindings replaced. @param body is posted where one is given */
export async function callWith(
  bindings: Partial<typeof env>,
  path: string,
  headers: Record<string, string> = {},
  body: string | null = null,
): Promise<Response> {
  const method = body === null ? "GET" : "POST";
  const request = new Request(`http://halftone.test${path}`, { method, headers, body });
  return app.fetch(request, { ...env, ...bindings }, createExecutionContext());
}

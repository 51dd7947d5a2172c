/** The services behind the gateway. Each has a binding `<NAME>_HTTP`. */
export const SERVICES = ["auth", "images", "resizer", "orders", "audit", "webhooks"] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * How often a caller may come: `api` counts per user or address, `sign-in` per address and tighter, `none` is for
 * what a well-behaved page asks often and what costs next to nothing.
 */
export type LimitClass = "api" | "sign-in" | "none";

/** How long an answer may take to begin: see TIMEOUTS_MS in forward.ts. */
export type TimeoutClass = "api" | "auth" | "bytes";

export interface Route {
  /** A path and everything below it. `:name` stands for one segment. */
  path: string;
  service: ServiceName;
  limit: LimitClass;
  timeout: TimeoutClass;
}

const signIn = { service: "auth", limit: "sign-in", timeout: "auth" } as const;
const identity = { service: "auth", limit: "api", timeout: "auth" } as const;
const pictures = { service: "images", limit: "api", timeout: "bytes" } as const;
const orders = { service: "orders", limit: "api", timeout: "api" } as const;

/**
 * Where every request goes. The first row that fits wins, so longer paths stand before shorter ones.
 * A path in no row is answered here and costs nothing downstream.
 */
export const ROUTES: readonly Route[] = [
  { path: "/register", ...signIn },
  { path: "/login", ...signIn },
  { path: "/auth/register", ...signIn },
  { path: "/auth/login", ...signIn },
  { path: "/api/register", ...signIn },
  { path: "/api/login", ...signIn },
  { path: "/api/auth/register", ...signIn },
  { path: "/api/auth/login", ...signIn },
  { path: "/api/users/register", ...signIn },
  { path: "/api/users/login", ...signIn },
  { path: "/refresh", ...identity },
  { path: "/auth", ...identity },
  { path: "/api/auth", ...identity },
  { path: "/api/users", ...identity },
  { path: "/users", ...identity },
  { path: "/profile", ...identity },
  { path: "/api/profile", ...identity },
  { path: "/test-db", ...identity },
  { path: "/.well-known/jwks.json", service: "auth", limit: "none", timeout: "api" },
  { path: "/api/images/:id/status", service: "images", limit: "none", timeout: "api" },
  { path: "/api/images", ...pictures },
  { path: "/api/files", ...pictures },
  { path: "/api/upload", ...pictures },
  { path: "/upload", ...pictures },
  { path: "/uploads", service: "images", limit: "none", timeout: "bytes" },
  { path: "/api/jobs", service: "images", limit: "none", timeout: "api" },
  { path: "/api/orders", ...orders },
  { path: "/orders", ...orders },
  { path: "/api/audit", service: "audit", limit: "api", timeout: "api" },
  { path: "/api/events", service: "webhooks", limit: "api", timeout: "api" },
];

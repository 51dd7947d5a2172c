/** The services behind the gateway. Each has a binding `<NAME>_HTTP`. */
export const SERVICES = ["auth", "images", "resizer", "orders", "audit", "webhooks"] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * How often a caller may come: `api` counts per user or address, `sign-in` per address and tighter, `lookup` the same
 * and tightest, `none` is for what a well-behaved page asks often and what costs next to nothing.
 */
export type LimitClass = "api" | "sign-in" | "lookup" | "none";

/** How long an answer may take to begin: see TIMEOUTS_MS in forward.ts. */
export type TimeoutClass = "api" | "auth" | "bytes";

export interface Route {
  /** A path and everything below it. `:name` stands for one segment. */
  path: string;
  service: ServiceName;
  limit: LimitClass;
  timeout: TimeoutClass;
  /**
   * For paths to which people come because their credentials are no good any more: a bad one makes them strangers
   * there. Everywhere else it is 401.
   */
  givesCredentials?: true;
  /** For paths that have something for strangers: while auth is away and credentials cannot be checked, all are such. */
  open?: true;
}

const signIn = { service: "auth", limit: "sign-in", timeout: "auth", givesCredentials: true } as const;
const session = { service: "auth", limit: "api", timeout: "auth", givesCredentials: true } as const;
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
  { path: "/register-form", ...signIn },
  { path: "/login-form", ...signIn },
  { path: "/auth/register", ...signIn },
  { path: "/auth/login", ...signIn },
  { path: "/api/register", ...signIn },
  { path: "/api/login", ...signIn },
  { path: "/api/auth/register", ...signIn },
  { path: "/api/auth/login", ...signIn },
  { path: "/api/users/register", ...signIn },
  { path: "/api/users/login", ...signIn },
  { path: "/refresh", ...session },
  { path: "/logout", ...session },
  { path: "/auth", ...session },
  { path: "/api/refresh", ...session },
  { path: "/api/logout", ...session },
  { path: "/api/auth", ...session },
  { path: "/api/users/refresh", ...session },
  { path: "/api/users/logout", ...session },
  { path: "/api/sessions", ...identity },
  { path: "/last-connection", ...identity },
  { path: "/api/admin/signing-keys", ...identity },
  { path: "/api/erasures", ...session },
  { path: "/api/exports", service: "audit", limit: "api", timeout: "bytes" },
  { path: "/api/keys", ...identity },
  { path: "/api/service-accounts", ...identity },
  { path: "/api/users/me/export", service: "audit", limit: "api", timeout: "api" },
  { path: "/api/users", ...identity },
  { path: "/users", ...identity },
  { path: "/profile", ...identity },
  { path: "/api/profile", ...identity },
  { path: "/user/soap", service: "auth", limit: "lookup", timeout: "auth", open: true },
  { path: "/test-db", ...identity, open: true },
  { path: "/.well-known/jwks.json", service: "auth", limit: "none", timeout: "api", open: true },
  { path: "/api/images/:id/status", service: "images", limit: "none", timeout: "api" },
  { path: "/api/images", ...pictures },
  { path: "/api/files", ...pictures },
  { path: "/api/upload", ...pictures },
  { path: "/upload", ...pictures },
  { path: "/uploads", service: "images", limit: "none", timeout: "bytes", open: true },
  { path: "/api/jobs", service: "images", limit: "none", timeout: "api" },
  { path: "/api/orders", ...orders },
  { path: "/orders", ...orders },
  { path: "/api/audit", service: "audit", limit: "api", timeout: "api" },
  { path: "/api/events", service: "webhooks", limit: "api", timeout: "api" },
];

/** The services behind the gateway. Each has a binding `<NAME>_HTTP`. */
export const SERVICES = ["auth", "images", "resizer", "orders", "audit", "webhooks"] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * How often a caller may come: `api` counts per user, key or address, `sign-in` per address and tighter, `lookup` the same
 * and tightest, `none` is for what a well-behaved page asks often and what costs next to nothing.
 */
export type LimitClass = "api" | "sign-in" | "lookup" | "none";

/** How long an answer may take to begin, all tries together: see TIMEOUTS_MS in forward.ts. */
export type TimeoutClass = "api" | "auth" | "bytes";

/**
 * The largest body in bytes: `small` for forms, JSON and SOAP, whose doors have tighter limits of their own, `file` for
 * uploads, which the images service bounds by `MAX_UPLOAD_BYTES`: 100 MiB is what Cloudflare lets in at most.
 */
export const BODY_MAX_BYTES = { small: 1024 * 1024, file: 100 * 1024 * 1024 } as const;
export type BodyClass = keyof typeof BODY_MAX_BYTES;

/**
 * Which requests are tried again when a service fails: `reads` GET and HEAD, `never` none, where the failure is what
 * the caller wants to see.
 */
export type RetryRule = "reads" | "never";

export interface Route {
  /** A path and everything below it. `:name` stands for one segment. */
  path: string;
  service: ServiceName;
  limit: LimitClass;
  timeout: TimeoutClass;
  body: BodyClass;
  retry: RetryRule;
  /**
   * For paths to which people come because their credentials are no good any more: a bad one makes them strangers
   * there. Everywhere else it is 401.
   */
  givesCredentials?: true;
  /** For paths whose protocol says by OPTIONS what it can do (tus). Elsewhere the gateway answers OPTIONS. */
  ownOptions?: true;
  /** For paths at which a link with a `signature` in its query is all that counts: who follows it is not asked. */
  takesLinks?: true;
  /** For a service whose protocol says its own failures in plain JSON. Elsewhere that is what a proxy in its place says. */
  failsInJson?: true;
  /** For answers that go on and on: they end with the session that asked for them. */
  endsWithSession?: true;
  /** For paths that have something for strangers: while auth is away and credentials cannot be checked, all are such. */
  open?: true;
}

const usual = { limit: "api", timeout: "api", body: "small", retry: "reads" } as const;
const identity = { ...usual, service: "auth", timeout: "auth" } as const;
const session = { ...identity, givesCredentials: true } as const;
const signIn = { ...session, limit: "sign-in" } as const;
const images = { ...usual, service: "images" } as const;
const pictures = { ...images, timeout: "bytes", body: "file" } as const;
const orders = { ...usual, service: "orders" } as const;
const audit = { ...usual, service: "audit" } as const;
const webhooks = { ...usual, service: "webhooks" } as const;

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
  { path: "/api/admin/events", ...audit },
  { path: "/api/admin/fsck", ...images },
  { path: "/api/admin/queue", ...images },
  { path: "/api/admin/jobs", ...images },
  { path: "/api/erasures", ...session },
  { path: "/api/exports", ...audit, timeout: "bytes" },
  { path: "/api/keys", ...identity },
  { path: "/api/service-accounts", ...identity },
  { path: "/api/users/me/export", ...audit },
  { path: "/api/users", ...identity },
  { path: "/users", ...identity },
  { path: "/profile", ...identity },
  { path: "/api/profile", ...identity },
  { path: "/user/soap", ...identity, limit: "lookup", open: true },
  { path: "/test-db", ...identity, retry: "never", open: true },
  { path: "/.well-known/jwks.json", ...identity, limit: "none", timeout: "api", open: true },
  { path: "/api/images/:id/status", ...images, limit: "none" },
  { path: "/api/images/events", ...images, endsWithSession: true },
  { path: "/api/images", ...pictures },
  { path: "/api/files", ...pictures },
  { path: "/api/upload", ...pictures },
  // Many requests are one upload, which its length and the shield bound. Beginning one counts.
  { path: "/api/uploads/:id", ...pictures, limit: "none", ownOptions: true },
  { path: "/api/uploads", ...pictures, ownOptions: true },
  { path: "/upload", ...pictures },
  { path: "/uploads", ...pictures, limit: "none", open: true, takesLinks: true },
  { path: "/s", ...images, limit: "none", timeout: "bytes", open: true },
  { path: "/api/jobs", ...images, limit: "none" },
  { path: "/halftone.images.v1.ImageDelivery", ...pictures, retry: "never", failsInJson: true },
  { path: "/grpc", ...images, open: true },
  { path: "/api/orders", ...orders },
  { path: "/orders", ...orders },
  { path: "/api/audit", ...audit },
  { path: "/api/events", ...webhooks },
  { path: "/api/webhooks", ...webhooks },
  { path: "/events.schema.json", ...webhooks, open: true },
];

/** As it is written in a link. Who spells it in another way is asked who they are, to no good or harm. */
const SIGNATURE = /[?&]signature=/;

/** Whether an address bears a signature, whatever its path takes it for. */
export function bearsSignature({ url }: Request): boolean {
  return SIGNATURE.test(url);
}

/** Whether a request follows a signed link. The service checks it; here it only means that nobody is looked up. */
export function isSignedLink(route: Pick<Route, "takesLinks">, request: Request): boolean {
  return route.takesLinks === true && bearsSignature(request);
}

// Every setting there is: the one table that `npm start` checks against and that the documentation prints.

import { readFileSync } from "node:fs";
import { Stop } from "./command.mjs";
import { manifestOf, services } from "./paths.mjs";
import {
  addresses,
  duration,
  keyPrefix,
  noneOrSecret,
  oneOf,
  origin,
  origins,
  secret,
  variantFormats,
  webhook,
  wholeNumber,
} from "./setting-types.mjs";

/**
 * name, who reads it, what it accepts, its default as people write it, what it means; and what a local copy runs with
 * where that is not what the manifests say, which a deployment gets. An optional secret stands in no manifest, which
 * could only require it.
 */
export const settings = [
  { name: "PORT", for: "commands", type: wholeNumber(1, 65_535), default: "8080", means: "port of the front door" },
  {
    name: "GRPC_PORT",
    for: "commands",
    type: wholeNumber(0, 65_535),
    default: "5015",
    means: "port for native gRPC clients; 0 for none",
  },
  {
    name: "HALFTONE_STATE",
    for: "commands",
    type: { says: "a folder", accepts: () => true },
    default: ".wrangler/state",
    means: "folder of all local data",
  },
  {
    name: "LOG_LEVEL",
    for: "all",
    type: oneOf("debug", "info", "warn", "error"),
    default: "info",
    means: "least level that is logged: debug, info, warn or error",
  },
  {
    name: "RATE_LIMIT",
    for: "gateway",
    type: wholeNumber(1),
    default: "600",
    means: "requests a minute for one user, key or address",
  },
  {
    name: "PUBLIC_ORIGIN",
    for: "auth, images, webhooks",
    type: origin,
    default: "the request's",
    means: "origin that absolute URLs are made from",
  },
  {
    name: "SESSION_CHECK",
    for: "gateway",
    type: oneOf("cached", "always"),
    default: "cached",
    means: "an ended session is refused within 5 s by a published list; with always it is asked for on every request",
  },
  {
    name: "CORS_ORIGINS",
    for: "gateway",
    type: origins,
    default: "none",
    means: "origins of other people's pages that may call the API",
  },
  {
    name: "METRICS_TOKEN",
    for: "gateway",
    type: noneOrSecret,
    default: "none",
    means:
      "a secret of 32 characters or more that opens /metrics of a deployment to a scraper; without it only admins read it",
    optionalSecret: true,
  },
  {
    name: "ALERT_WEBHOOK_URL",
    for: "gateway",
    type: webhook,
    default: "none",
    means: "a secret: the address that is told when the health of a service changes",
    optionalSecret: true,
  },
  {
    name: "MAX_IN_FLIGHT",
    for: "gateway",
    type: wholeNumber(1),
    default: "1000",
    means: "requests that one isolate has in hand at one service at most; more are 503 with Retry-After",
  },
  {
    name: "AUTH_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "addresses that take the requests for auth in turn, in place of the bound Worker",
  },
  {
    name: "USER_SERVICE_URL",
    for: "gateway, orders",
    type: addresses,
    default: "none",
    means: "the older name of AUTH_SERVICE_URL, both count together; orders asks there whether a customer exists",
  },
  {
    name: "IMAGES_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "addresses that take the requests for images in turn, in place of the bound Worker",
  },
  {
    name: "APP_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "the older name of IMAGES_SERVICE_URL; both count together",
  },
  {
    name: "RESIZER_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "addresses that take the requests for resizer in turn, in place of the bound Worker",
  },
  {
    name: "ORDERS_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "addresses that take the requests for orders in turn, in place of the bound Worker",
  },
  {
    name: "ORDER_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "the older name of ORDERS_SERVICE_URL; both count together",
  },
  {
    name: "AUDIT_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "addresses that take the requests for audit in turn, in place of the bound Worker",
  },
  {
    name: "WEBHOOKS_SERVICE_URL",
    for: "gateway",
    type: addresses,
    default: "none",
    means: "addresses that take the requests for webhooks in turn, in place of the bound Worker",
  },
  {
    name: "JWT_SECRET",
    for: "auth",
    type: secret,
    default: "made at the first start",
    means: "seals the signing keys",
  },
  {
    name: "JWT_SECRET_PREVIOUS",
    for: "auth",
    type: noneOrSecret,
    default: "none",
    means: "the JWT_SECRET before this one, so that changing it logs nobody out",
    optionalSecret: true,
  },
  {
    name: "JWT_REFRESH_SECRET",
    for: "auth",
    type: secret,
    default: "made at the first start",
    means: "authenticates refresh tokens",
  },
  {
    name: "SIGNING_SECRET",
    for: "images",
    type: secret,
    default: "made at the first start",
    means: "signs image links",
  },
  {
    name: "SIGNING_SECRET_PREVIOUS",
    for: "images",
    type: noneOrSecret,
    default: "none",
    means: "the SIGNING_SECRET before this one, so that the links that it signed go on working",
    optionalSecret: true,
  },
  {
    name: "WEBHOOK_SEAL_SECRET",
    for: "webhooks",
    type: secret,
    default: "made at the first start",
    means: "seals the secrets that webhooks are signed with",
  },
  {
    name: "WEBHOOK_SEAL_SECRET_PREVIOUS",
    for: "webhooks",
    type: noneOrSecret,
    default: "none",
    means: "the WEBHOOK_SEAL_SECRET before this one, so that the endpoints keep their secrets",
    optionalSecret: true,
  },
  {
    name: "WEBHOOK_ALLOW_LOCAL",
    for: "webhooks",
    type: oneOf("true", "false"),
    default: "false, in a local copy true",
    local: "true",
    means: "whether webhooks may go to the same machine, by http and to any port",
  },
  {
    name: "WEBHOOK_TIMEOUT_MS",
    for: "webhooks",
    type: wholeNumber(1),
    default: "10000",
    means: "milliseconds within which a receiver must have answered",
  },
  { name: "JWT_ACCESS_EXPIRE", for: "auth", type: duration, default: "15m", means: "life of an access token" },
  {
    name: "JWT_REFRESH_EXPIRE",
    for: "auth",
    type: duration,
    default: "7d",
    means: "how long a session may stay unused; 30 days at most",
  },
  {
    name: "LEGACY_TOKEN_EXPIRE",
    for: "auth",
    type: duration,
    default: "24h",
    means: "life of `token`, for older clients that never refresh",
  },
  {
    name: "PASSWORD_BLOCKLIST",
    for: "auth",
    type: oneOf("off", "warn", "refuse"),
    default: "refuse, in a local copy warn",
    local: "warn",
    means: "what happens to the 5,000 commonest passwords: off, warn or refuse",
  },
  {
    name: "USER_DIRECTORY",
    for: "auth",
    type: oneOf("self", "all"),
    default: "self",
    means: "whom GET /api/users shows: self, or all",
  },
  {
    name: "SOAP_LOOKUP",
    for: "auth",
    type: oneOf("open", "auth"),
    default: "open",
    means: "who may look user names up by SOAP: everybody (open), or who is signed in (auth)",
  },
  {
    name: "MAX_UPLOAD_BYTES",
    for: "images",
    type: wholeNumber(1),
    default: "52428800",
    means: "largest upload in bytes",
  },
  {
    name: "STORAGE_PATH",
    for: "images",
    type: keyPrefix,
    default: "nothing",
    means: "prefix of every key in the bucket",
  },
  {
    name: "VARIANT_FORMATS",
    for: "images",
    type: variantFormats,
    default: "webp",
    means: "what the sizes of new photos are stored as at once: webp, jpeg or webp,jpeg",
  },
  {
    name: "STRIP_METADATA",
    for: "images",
    type: oneOf("shared", "always", "never"),
    default: "shared",
    means:
      "who gets originals without GPS and the like: all but the owner (shared), everybody (always), nobody (never)",
  },
  {
    name: "ORDER_STATUS_BY",
    for: "orders",
    type: oneOf("admin", "owner"),
    default: "admin",
    means: "who moves orders on: admin, or owner",
  },
  {
    name: "OUTBOX_LEASE_MS",
    for: "auth, images, orders, audit, webhooks",
    type: wholeNumber(1),
    default: "5000",
    means: "milliseconds until an unacknowledged event is sent again",
  },
  {
    name: "JOB_LEASE_MS",
    for: "images",
    type: wholeNumber(1),
    default: "15000",
    means: "milliseconds until a silent resize job is given to another",
  },
];

/** Names of the `[vars]` of one manifest. */
export function varsOf(service) {
  return sectionOf(manifestOf(service), "vars").map((line) => line.split("=")[0].trim());
}

/** Names of the secrets that one manifest requires. */
export function requiredSecretsOf(service) {
  const required = sectionOf(manifestOf(service), "secrets").find((line) => line.startsWith("required"));
  return required === undefined ? [] : [...required.matchAll(/"(\w+)"/g)].map((match) => match[1]);
}

/** Names of the secrets that one Worker takes and does not require. */
export function optionalSecretsOf(service) {
  return settings.filter((setting) => setting.optionalSecret && setting.for === service).map(({ name }) => name);
}

/** The lines of one `[section]`; enough TOML for our own manifests, before any package is installed. */
function sectionOf(file, section) {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim());
  const start = lines.indexOf(`[${section}]`);
  if (start === -1) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith("["));
  return (end === -1 ? rest : rest.slice(0, end)).filter((line) => /^\w+\s*=/.test(line));
}

/**
 * What the environment says about the Workers' vars and secrets, checked.
 * @param {Record<string, string | undefined>} environment
 * @returns {Record<string, string>}
 * @throws {Stop} naming the first setting that cannot be used, never its value
 */
export function readSettings(environment) {
  for (const setting of settings) {
    const value = environment[setting.name];
    if (value === undefined || setting.type.accepts(value)) continue;
    throw new Stop(`The setting ${setting.name} cannot be used: write ${setting.type.says}.`);
  }
  const names = services.flatMap((service) => [
    ...varsOf(service),
    ...requiredSecretsOf(service),
    ...optionalSecretsOf(service),
  ]);
  const given = [...new Set(names)].filter((name) => name !== "SERVICE_NAME" && environment[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, environment[name]]));
}

/**
 * What the Workers of a local copy are given: the environment's settings, and the local defaults of the others.
 * @param {Record<string, string | undefined>} environment
 * @returns {Record<string, string>}
 * @throws {Stop} as readSettings does
 */
export function readLocalSettings(environment) {
  const defaults = settings.filter(({ local }) => local !== undefined).map(({ name, local }) => [name, local]);
  return { ...Object.fromEntries(defaults), ...readSettings(environment) };
}

/** The port of the front door. `PORT=""` counts as not set. */
export function readPort(environment) {
  return Number(environment.PORT || "8080");
}

/** The port for native gRPC clients, undefined where none is wanted. `GRPC_PORT=""` counts as not set. */
export function readGrpcPort(environment) {
  return Number(environment.GRPC_PORT || "5015") || undefined;
}

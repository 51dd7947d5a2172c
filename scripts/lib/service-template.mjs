// The files of a new service, in the pattern of the others: one route that knows its caller, to begin with.

/**
 * @param {string} name such as `invoices`
 * @param {string} compatibilityDate the one that every Worker runs with
 * @returns {Record<string, string>} texts by path below the service's folder
 */
export function serviceFiles(name, compatibilityDate) {
  return {
    "wrangler.toml": manifest(name, compatibilityDate),
    "README.md": readme(name),
    "src/index.ts": index(name),
    "src/env.ts": env,
    "src/card.ts": card(name),
    [`src/routes/${name}.ts`]: routes(name),
  };
}

const manifest = (name, compatibilityDate) => `name = "halftone-${name}"
main = "src/index.ts"
compatibility_date = "${compatibilityDate}"
send_metrics = false
upload_source_maps = true
# Names stay anyway, as nothing is minified. Keeping them would have every request define those of its closures anew.
keep_names = false
workers_dev = false
preview_urls = false

[observability]
enabled = true
head_sampling_rate = 1

[[kv_namespaces]]
binding = "PUBLISHED_KEYS"
id = "halftone-published-keys"

[[services]]
binding = "AUTH"
service = "halftone-auth"
entrypoint = "AuthService"

[vars]
SERVICE_NAME = "${name}"
LOG_LEVEL = "info"
`;

const readme = (name) => `# ${name}

What it is for, in a sentence or two.

| route              | what                                |
| ------------------ | ----------------------------------- |
| \`GET /api/${name}\` | who asks, as this service knows them |

| kind     | what                                                         |
| -------- | ------------------------------------------------------------ |
| storage  | none                                                         |
| calls    | auth: \`jwks\`                                                 |
| settings | \`LOG_LEVEL\`                                                  |
`;

const index = (name) => `import { servePapers } from "../../../shared/http/papers.ts";
import { createService } from "../../../shared/http/service.ts";
import { card } from "./card.ts";
import { type Env, readSettings } from "./env.ts";
import { ${name}Routes } from "./routes/${name}.ts";

const app = createService<Env>({ settings: readSettings, health: {} });
app.route("/api/${name}", ${name}Routes);
servePapers(app, card, readSettings);

export default app;
`;

const env = `import * as z from "zod";
import type { AuthApi } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import { commonSettings, settingsReader } from "../../../shared/settings.ts";

export interface Env extends ServiceBindings {
  PUBLISHED_KEYS: KVNamespace;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
}

export const readSettings = settingsReader(z.object(commonSettings));
`;

const card = (name) => `import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for \`GET /services\`. */
export const card: ServiceCard = {
  name: "${name}",
  purpose: "What it is for, in a sentence.",
  language: LANGUAGE,
  communication: ["HTTP behind the gateway: JSON"],
  storage: [],
  security: ["Every route names the permission that it needs"],
  pattern: "One use case, one function, several doors",
};
`;

const routes = (name) => `import { Hono } from "hono";
import * as z from "zod";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import type { Env } from "../env.ts";

const Caller = z.object({ userId: z.string() });

export const ${name}Routes = new Hono<{ Bindings: Env }>();

${name}Routes.get(
  "/",
  describe({ summary: "Say who asks", tags: ["${name}"], responds: { 200: Caller } }),
  requires("account:read"),
  (c) => c.json({ userId: c.var.actor.userId }),
);
`;

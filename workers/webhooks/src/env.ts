import * as z from "zod";
import type { AuthApi } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import { commonSettings, settingsReader } from "../../../shared/settings.ts";

export interface Env extends ServiceBindings {
  DB: D1Database;
  PUBLISHED_KEYS: KVNamespace;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
}

export const readSettings = settingsReader(z.object(commonSettings));

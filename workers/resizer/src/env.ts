import * as z from "zod";
import type { JobsApi } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import { commonSettings, settingsReader } from "../../../shared/settings.ts";

export interface Env extends ServiceBindings {
  IMAGES: Service<JobsApi & Rpc.WorkerEntrypointBranded>;
}

export const readSettings = settingsReader(z.object(commonSettings));

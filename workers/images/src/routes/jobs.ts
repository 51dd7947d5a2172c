import { Hono } from "hono";
import { JobView } from "../../../../shared/contracts/images.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuseUnknown } from "../../../../shared/http/problem.ts";
import type { Env } from "../env.ts";
import { viewJob } from "../files/view.ts";
import { ownJob } from "./context.ts";

/** `/api/jobs`: the resize jobs behind one's photos. */
export const jobRoutes = new Hono<{ Bindings: Env }>();

jobRoutes.get(
  "/:id",
  describe({ summary: "Read a resize job", tags: ["images"], responds: { 200: JobView } }),
  requires("images:read"),
  async (c) => {
    const job = await ownJob(c);
    return job === null ? refuseUnknown(c) : c.json(viewJob(job));
  },
);

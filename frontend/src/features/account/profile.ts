import { createResource } from "../../api/resource.ts";
import { readProfile } from "./account.api.ts";

/** What Halftone knows of the person. */
export const profile = createResource(readProfile);

import * as z from "zod";
import { ROLES } from "./permissions.ts";
import { PersonName, Username } from "./users.ts";

/** `POST /api/service-accounts`. */
export const NewServiceAccount = z
  .strictObject({ username: Username, name: PersonName.optional() })
  .meta({ ref: "NewServiceAccount", examples: [{ username: "nightly-import" }] });
export type NewServiceAccount = z.output<typeof NewServiceAccount>;

/** A user that is a program: it has no password and no address, only keys. */
export const ServiceAccountView = z
  .object({
    id: z.string(),
    username: z.string(),
    name: z.string().nullable(),
    role: z.enum(ROLES),
    created: z.iso.datetime(),
  })
  .meta({ ref: "ServiceAccount" });
export type ServiceAccountView = z.output<typeof ServiceAccountView>;

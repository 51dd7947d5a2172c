import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { every } from "hono/combine";
import { createMiddleware } from "hono/factory";
import type * as z from "zod";
import { Login, Registration, SignedInAnswer } from "../../../../shared/contracts/users.ts";
import { limitBody } from "../../../../shared/http/body-limit.ts";
import { asForm, describe } from "../../../../shared/http/openapi.ts";
import { pageOriginOf } from "../../../../shared/http/page-origin.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { refuseFields } from "../../../../shared/http/validate.ts";
import type { RouteEnv } from "../env.ts";
import {
  asksForCookie,
  type CredentialContext,
  type Entry,
  enterByPassword,
  enterByRegistration,
  type Handout,
  NO_STORE,
  SESSION_MODE,
} from "./sign-in.ts";

/** A form of ours has some hundred bytes; a larger one is a mistake or an attack. */
const FORM_MAX_BYTES = 64 * 1024;
const limitForm = limitBody("A form", FORM_MAX_BYTES);

/** Where a browser goes that has come in by a form. */
const HOME = "/";
export const HOME_BY_FORM = "For browsers that sent a form: to the page, with the session cookie";

/** What a form's door does with its fields. */
interface FormDoor<Schema extends z.ZodType> {
  schema: Schema;
  enter(c: CredentialContext, handout: Handout, input: z.output<Schema>): Promise<Entry>;
  /** The status for whoever does not want a page. */
  status: 200 | 201;
}

const registrationForm: FormDoor<typeof Registration> = {
  schema: Registration,
  enter: enterByRegistration,
  status: 201,
};
const loginForm: FormDoor<typeof Login> = { schema: Login, enter: enterByPassword, status: 200 };

/** Takes forms on a path that takes other content too, which goes on to the next handler. */
export const registersByForm = (legacyToken: boolean) => takesForms(registrationForm, legacyToken);
export const signsInByForm = (legacyToken: boolean) => takesForms(loginForm, legacyToken);

function takesForms<Schema extends z.ZodType>(door: FormDoor<Schema>, legacyToken: boolean) {
  const answer = every(limitForm, (c: CredentialContext) => answerForm(c, door, legacyToken));
  return createMiddleware<{ Bindings: RouteEnv }>(async (c, next) => (isForm(c) ? answer(c, next) : next()));
}

function isForm(c: Context): boolean {
  return /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(c.req.header("Content-Type") ?? "");
}

/**
 * A browser cannot keep tokens that a form brought, so it gets the session cookie and is sent home. Anybody else is
 * answered as by the JSON door. A refusal is the problem document for both: a page that had the form of an older client
 * is not ours, and to be sent back to it with a code would look like success to everything but a person.
 */
async function answerForm<Schema extends z.ZodType>(
  c: CredentialContext,
  { schema, enter, status }: FormDoor<Schema>,
  legacyToken: boolean,
): Promise<Response> {
  // Another site's page could sign its visitors in as somebody else, and see what they then do.
  if (pageOriginOf(c.req.raw) === "foreign") {
    return refuse(c, { code: "cross_site_request", detail: "This form was sent by a page of another site." });
  }
  const fields = await readFields(c);
  if (fields === null) return refuse(c, { code: "malformed_request", detail: "The form cannot be read." });
  const input = await schema.safeParseAsync(fields);
  if (!input.success) return refuseFields(c, "form", input.error.issues);

  const supports = ["application/json", "text/html"];
  const wantsPage = accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/html";
  const entry = await enter(c, { byCookie: wantsPage || asksForCookie(c), legacyToken }, input.data);
  if ("refusal" in entry) return entry.refusal;
  return wantsPage ? c.redirect(HOME, 303) : c.json(entry.answer, status, NO_STORE);
}

/** The fields that were filled in; null for a body that is no form, holds a file, or names a field twice. */
async function readFields(c: Context): Promise<Record<string, string> | null> {
  const fields = new Map<string, string>();
  try {
    for (const [name, value] of await c.req.raw.formData()) {
      if (typeof value !== "string" || fields.has(name)) return null;
      fields.set(name, value);
    }
  } catch {
    return null;
  }
  return Object.fromEntries([...fields].filter(([, value]) => value !== ""));
}

/** The paths of the oldest clients, for forms alone (S0.25, S0.26). */
export const formRoutes = new Hono<{ Bindings: RouteEnv }>();

formRoutes.post(
  "/register-form",
  describe({
    summary: "Register with a form",
    tags: ["auth"],
    responds: { 201: SignedInAnswer, 303: HOME_BY_FORM },
    sends: { 303: ["Location"] },
    takes: asForm(Registration),
    headers: SESSION_MODE,
  }),
  registersByForm(false),
  refuseOthers,
);

formRoutes.post(
  "/login-form",
  describe({
    summary: "Sign in with a form",
    tags: ["auth"],
    responds: { 200: SignedInAnswer, 303: HOME_BY_FORM },
    sends: { 303: ["Location"] },
    takes: asForm(Login),
    headers: SESSION_MODE,
  }),
  signsInByForm(false),
  refuseOthers,
);

function refuseOthers(c: Context): Response {
  const detail = "Send a form: application/x-www-form-urlencoded or multipart/form-data.";
  return refuse(c, { code: "unsupported_media_type", detail });
}

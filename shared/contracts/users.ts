import * as z from "zod";
import { ROLES } from "./permissions.ts";

/** RFC 5321 §4.5.3.1.3: a path is at most 256 octets, two of them brackets. */
const EMAIL_MAX = 254;
const PASSWORD_MIN_BYTES = 8;
/** Long enough for any passphrase, short enough that hashing one is no lever against the service. */
export const PASSWORD_MAX_BYTES = 1_024;

const utf8Length = (text: string) => new TextEncoder().encode(text).length;

export const Email = z.string().trim().toLowerCase().max(EMAIL_MAX).pipe(z.email());
export const Username = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$/, "2 to 64 letters, digits, dots, dashes or underscores");
export const PersonName = z.string().trim().min(1).max(200);
const NewPassword = z
  .string()
  .refine((text) => utf8Length(text) >= PASSWORD_MIN_BYTES, `needs at least ${PASSWORD_MIN_BYTES} characters`)
  .refine((text) => utf8Length(text) <= PASSWORD_MAX_BYTES, `may have at most ${PASSWORD_MAX_BYTES} bytes`);

const RefreshToken = z.string().min(1).max(512);

/** `POST …/register` (C1, C3): name and username are optional, a username is made from the address. */
export const Registration = z
  .strictObject({ email: Email, password: NewPassword, name: PersonName.optional(), username: Username.optional() })
  .meta({ ref: "Registration", examples: [{ name: "John Doe", email: "john@example.com", password: "password123" }] });
export type Registration = z.output<typeof Registration>;

/**
 * `POST …/login` (C3): by address or by username. Any password is taken here, so a wrong one is 401 and never 422.
 * A refresh token of that user shows that they are still signed in elsewhere; it is not used up.
 */
export const Login = z
  .strictObject({
    email: z.string().trim().min(1).max(EMAIL_MAX).optional(),
    username: z.string().trim().min(1).max(EMAIL_MAX).optional(),
    password: z.string().max(PASSWORD_MAX_BYTES),
    refreshToken: RefreshToken.optional(),
  })
  .refine((login) => login.email !== undefined || login.username !== undefined, {
    message: "give an email or a username",
    path: ["email"],
  })
  .meta({ ref: "Login", examples: [{ email: "john@example.com", password: "password123" }] });
export type Login = Omit<z.output<typeof Login>, "refreshToken">;

export const RefreshRequest = z
  .strictObject({ refreshToken: RefreshToken })
  .meta({ ref: "RefreshRequest", examples: [{ refreshToken: "refresh.v1.…" }] });

/** What a lookup of somebody by SOAP asks. */
export const UserLookup = z.strictObject({ username: Username });

/** What the product knows of a person, for that person (C8). */
export const UserView = z
  .object({
    id: z.string(),
    email: z.string(),
    username: z.string(),
    name: z.string().nullable(),
    role: z.enum(ROLES),
    created: z.iso.datetime(),
    updated: z.iso.datetime(),
  })
  .meta({ ref: "User" });
export type UserView = z.output<typeof UserView>;

/** The answer to register and login: a superset of every source's shape (C1). `token` only on `/api/users/*` (C4). */
export const SignedIn = z
  .object({
    message: z.string(),
    userId: z.string(),
    email: z.string(),
    accessToken: z.string(),
    refreshToken: z.string(),
    token: z.string().optional(),
    user: UserView,
    warning: z.string().optional(),
  })
  .meta({ ref: "SignedIn" });
export type SignedIn = z.output<typeof SignedIn>;

/** The same with `X-Session-Mode: cookie`: the browser keeps the session, so there are no tokens to show (C6). */
export const SignedInByCookie = SignedIn.omit({ accessToken: true, refreshToken: true, token: true }).meta({
  ref: "SignedInByCookie",
});
export type SignedInByCookie = z.output<typeof SignedInByCookie>;

export const SignedInAnswer = z.union([SignedIn, SignedInByCookie]);
export type SignedInAnswer = z.output<typeof SignedInAnswer>;

export const RefreshedTokens = z
  .object({ message: z.string(), accessToken: z.string(), refreshToken: z.string() })
  .meta({ ref: "RefreshedTokens" });
export type RefreshedTokens = z.output<typeof RefreshedTokens>;

/** `POST /api/users/me/password`. The current password is taken as it comes, so a wrong one is told as such. */
export const PasswordChange = z
  .strictObject({ currentPassword: z.string().max(PASSWORD_MAX_BYTES), newPassword: NewPassword })
  .meta({
    ref: "PasswordChange",
    examples: [{ currentPassword: "password123", newPassword: "correct horse battery" }],
  });
export type PasswordChange = z.output<typeof PasswordChange>;

export const PasswordChanged = z
  .object({
    message: z.string(),
    /** How many other sessions were ended. */
    endedSessions: z.number().int(),
    warning: z.string().optional(),
  })
  .meta({ ref: "PasswordChanged" });
export type PasswordChanged = z.output<typeof PasswordChanged>;

/** `PUT` and `PATCH /api/users/:id`. Read-only fields of a fetched user pass when they equal the stored value. */
export const UserChanges = z
  .strictObject({
    name: PersonName.nullable().optional(),
    username: Username.optional(),
    id: z.string().optional(),
    email: z.string().optional(),
    role: z.string().optional(),
    created: z.string().optional(),
    updated: z.string().optional(),
  })
  .meta({ ref: "UserChanges", examples: [{ name: "John Doe" }] });
export type UserChanges = z.output<typeof UserChanges>;

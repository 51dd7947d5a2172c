/** What somebody may do, in the words of the API: the area, and whether it is only read. */
export const PERMISSIONS = {
  "account:read": "read your own profile",
  "account:write": "change your own profile",
  "credentials:manage": "change the password, see and end sessions, make and end keys, export or erase the account",
  "images:read": "read your photos, files, jobs and links",
  "images:write": "upload, change and delete your photos and files",
  "images:share": "make your photos and files public, and share them by links",
  "orders:read": "read your orders",
  "orders:write": "place and cancel your orders",
  "orders:manage": "read anybody's orders and move them on",
  "audit:read": "read your log",
  "audit:read-all": "read anybody's log and the system's",
  "events:read": "follow what happens to your things",
  "webhooks:read": "read your webhooks and what was delivered",
  "webhooks:write": "make, change and delete your webhooks, and deliver again",
  "users:read": "read everybody's profile",
  "users:write": "change anybody's profile and make service accounts",
  "system:manage": "look after the deployment, such as rotating the signing keys",
} as const satisfies Record<string, string>;

export type Permission = keyof typeof PERMISSIONS;

export const ROLES = ["user", "admin"] as const;
export type Role = (typeof ROLES)[number];

const OWN_THINGS = [
  "account:read",
  "account:write",
  "credentials:manage",
  "images:read",
  "images:write",
  "images:share",
  "orders:read",
  "orders:write",
  "audit:read",
  "events:read",
  "webhooks:read",
  "webhooks:write",
] as const satisfies readonly Permission[];

/** The policy: what each role may do. Whose thing it is, each service decides for itself. */
const GRANTS: Record<Role, readonly Permission[]> = {
  user: OWN_THINGS,
  admin: [...OWN_THINGS, "orders:manage", "audit:read-all", "users:read", "users:write", "system:manage"],
};

/** What no API key ever may, whatever it was made with: a stolen key must not make itself permanent. */
const PERSON_ONLY: readonly Permission[] = ["credentials:manage"];

/** Whether an API key can have this permission at all. */
export function isForKeys(permission: Permission): boolean {
  return !PERSON_ONLY.includes(permission);
}

function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text);
}

export const PERMISSION_NAMES = Object.keys(PERMISSIONS).filter(isPermission);

/**
 * What a caller may do.
 * @param scope the scopes of an API key, separated by blanks (RFC 9068 §2.2.3); null for a person's own session,
 *   which may do all that the role grants
 */
export function permissionsOf(role: Role, scope: string | null): ReadonlySet<Permission> {
  const granted = GRANTS[role];
  if (scope === null) return new Set(granted);
  const asked = scope.split(" ").filter(isPermission);
  return new Set(asked.filter((name) => granted.includes(name) && isForKeys(name)));
}

/** The scopes that an API key of somebody with this role may be made with. */
export function keyScopesOf(role: Role): Permission[] {
  return GRANTS[role].filter(isForKeys);
}

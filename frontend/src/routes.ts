/** The pages, and the addresses they live at. */
export type Route =
  | { name: "landing" }
  | { name: "library" }
  | { name: "sign-in" }
  | { name: "sign-up" }
  | { name: "account" }
  | { name: "photo"; id: string }
  | { name: "unknown" };

export const paths = {
  landing: "/",
  library: "/app",
  signIn: "/app/sign-in",
  signUp: "/app/sign-up",
  account: "/app/account",
  photo: (id: string) => `/app/photos/${encodeURIComponent(id)}`,
};

const PHOTO_PATH = /^\/app\/photos\/([^/]+)$/;

/** The page at an address. A trailing slash makes no difference. */
export function matchRoute(path: string): Route {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  if (trimmed === paths.landing) return { name: "landing" };
  if (trimmed === paths.library) return { name: "library" };
  if (trimmed === paths.signIn) return { name: "sign-in" };
  if (trimmed === paths.signUp) return { name: "sign-up" };
  if (trimmed === paths.account) return { name: "account" };
  const photo = PHOTO_PATH.exec(trimmed);
  const id = photo?.[1] === undefined ? null : decode(photo[1]);
  return id === null ? { name: "unknown" } : { name: "photo", id };
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The sign-in page that leads back to where the person wanted to go. */
function signInFor(path: string): string {
  return path === paths.library ? paths.signIn : `${paths.signIn}?next=${encodeURIComponent(path)}`;
}

/**
 * Where this person must go instead, or null to stay.
 * @param search the query of the address, of which `next` names the page that was asked for before signing in
 */
export function redirectFor(route: Route, path: string, search: string, signedIn: boolean): string | null {
  const isForStrangers = route.name === "landing" || route.name === "sign-in" || route.name === "sign-up";
  if (signedIn) return isForStrangers ? wantedPage(search) : null;
  const isPrivate = route.name === "library" || route.name === "account" || route.name === "photo";
  return isPrivate ? signInFor(path) : null;
}

/** Only a private page of this app is followed: `next` comes from the address bar, and may name any place. */
function wantedPage(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  const route = matchRoute(next);
  if (route.name === "account") return paths.account;
  return route.name === "photo" ? paths.photo(route.id) : paths.library;
}

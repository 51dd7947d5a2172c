import type { SignedInByCookie, UserView } from "../../../shared/contracts/users.ts";
import { createStore } from "../store.ts";
import { fetchJson } from "./fetch-json.ts";

export interface Person {
  userId: string;
  email: string;
}

/** Who is at the screen. */
export interface Session {
  /** Null for a stranger. */
  person: Person | null;
  /** A sentence about the session itself, shown once. */
  notice: string | null;
}

/**
 * Who is signed in, so that the page knows it at once after a reload, and other tabs hear of a change. It proves
 * nothing: what does is a cookie that no script can read (RFC 10017: no token where a script could take it).
 */
const PERSON_KEY = "halftone.person";

const ENDED_NOTICE = "Your session has ended. Sign in again to go on.";

export const session = createStore<Session>({ person: storedPerson(), notice: null });

const forgetters = new Set<() => void>();

/** Registers what must be dropped when another person, or nobody, is at the screen. */
export function whenPersonChanges(forget: () => void): void {
  forgetters.add(forget);
}

/** Takes over what a registration or a login has answered; the cookie came with it. */
export function beginSession({ userId, email, warning }: SignedInByCookie): void {
  become({ userId, email }, warning ?? null);
}

/**
 * A form that signs people in without this page's help redirects to it (C2): the cookie is set, and the page has yet to
 * hear whose it is. Otherwise nobody is asked: to a stranger's page the answer would be an error in its console.
 */
export async function adoptSessionOfForm(): Promise<void> {
  const [arrival] = performance.getEntriesByType("navigation");
  if (!(arrival instanceof PerformanceNavigationTiming) || arrival.redirectCount === 0) return;
  const answer = await fetchJson<UserView>("/api/users/me");
  if (answer.ok) become({ userId: answer.value.id, email: answer.value.email }, null);
}

/** Ends the session on the server. @returns false when that failed; the person is told, and still signed in. */
export async function endOnServer(): Promise<boolean> {
  const answer = await fetchJson<null>("/api/auth/logout", { method: "POST" });
  // 401: it had ended before.
  if (answer.ok || answer.problem.status === 401) return true;
  session.set({ ...session.get(), notice: answer.problem.detail });
  return false;
}

/** Forgets the person, whose session is over. @param notice a sentence to show, if any */
export function leaveSession(notice: string | null = null): void {
  forgetPerson();
  localStorage.removeItem(PERSON_KEY);
  session.set({ person: null, notice });
}

/** Leaves a session that the server no longer accepts, and says so. */
export function leaveRefusedSession(): void {
  leaveSession(ENDED_NOTICE);
}

export function dismissNotice(): void {
  session.set({ ...session.get(), notice: null });
}

function become(person: Person, notice: string | null): void {
  forgetPerson();
  localStorage.setItem(PERSON_KEY, JSON.stringify(person));
  session.set({ person, notice });
}

function forgetPerson(): void {
  for (const forget of forgetters) forget();
}

/** Anybody at this browser can edit what it stores: something else than a person is nobody. */
function storedPerson(): Person | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(PERSON_KEY) ?? "null");
    return isPerson(stored) ? stored : null;
  } catch {
    return null;
  }
}

function isPerson(value: unknown): value is Person {
  if (typeof value !== "object" || value === null || !("userId" in value) || !("email" in value)) return false;
  return typeof value.userId === "string" && typeof value.email === "string";
}

/** Signing in or out in one tab is signing in or out in all of them. */
addEventListener("storage", (event) => {
  if (event.key !== PERSON_KEY && event.key !== null) return;
  const person = storedPerson();
  if (person?.userId === session.get().person?.userId) return;
  forgetPerson();
  session.set({ person, notice: null });
});

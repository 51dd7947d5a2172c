import type { RefreshedTokens, SignedIn } from "../../../shared/contracts/users.ts";
import { createStore } from "../store.ts";
import type { Answer, Problem } from "./answer.ts";
import { fetchJson } from "./fetch-json.ts";

/** Who is at the screen. */
export interface Session {
  /** The person's address; null for a stranger. */
  email: string | null;
  /** A sentence about the session itself, shown once. */
  notice: string | null;
}

/** Outlives a reload (S2.47). The access token is kept in memory alone. */
const REFRESH_TOKEN_KEY = "halftone.refreshToken";
const EMAIL_KEY = "halftone.email";
/** One refresh at a time in all tabs: each one makes the token before it worthless. */
const REFRESH_LOCK = "halftone.refresh";

const ENDED_NOTICE = "Your session has ended. Sign in again to go on.";

const ENDED: Problem = { status: 401, code: "session_ended", detail: ENDED_NOTICE, errors: [] };

export const session = createStore<Session>({ email: storedEmail(), notice: null });

let accessToken: string | null = null;
let renewal: Promise<Answer<string>> | null = null;
const forgetters = new Set<() => void>();

/** Registers what must be dropped when another person, or nobody, is at the screen. */
export function whenPersonChanges(forget: () => void): void {
  forgetters.add(forget);
}

/** Takes over the tokens that a registration or a login has answered. */
export function beginSession(signedIn: SignedIn): void {
  forgetPerson();
  accessToken = signedIn.accessToken;
  // The address first: other tabs react to the token and read the address then.
  localStorage.setItem(EMAIL_KEY, signedIn.email);
  localStorage.setItem(REFRESH_TOKEN_KEY, signedIn.refreshToken);
  session.set({ email: signedIn.email, notice: signedIn.warning ?? null });
}

export function signOut(): void {
  endSession(null);
}

/** Ends a session that the server no longer accepts, and says so. */
export function endRefusedSession(): void {
  endSession(ENDED_NOTICE);
}

export function dismissNotice(): void {
  session.set({ ...session.get(), notice: null });
}

/** The access token at hand, or a fresh one after a reload. */
export async function currentAccess(): Promise<Answer<string>> {
  if (accessToken !== null) return { ok: true, value: accessToken, headers: new Headers() };
  return renewAccess(null);
}

/**
 * A fresh access token in place of one that was refused. Requests that fail together share one renewal.
 * @param stale the token that was refused; when it has been replaced meanwhile, the newer one is the answer
 */
export async function renewAccess(stale: string | null): Promise<Answer<string>> {
  if (accessToken !== null && accessToken !== stale) return currentAccess();
  renewal ??= oneAtATime(exchangeRefreshToken).finally(() => {
    renewal = null;
  });
  return renewal;
}

async function exchangeRefreshToken(): Promise<Answer<string>> {
  // Read under the lock: another tab may have exchanged it while this one waited.
  const refreshToken = localStorage.getItem(REFRESH_TOKEN_KEY);
  if (refreshToken === null) return { ok: false, problem: ENDED };

  const answer = await fetchJson<RefreshedTokens>("/api/auth/refresh", { method: "POST", body: { refreshToken } });
  // Signed out, or signed in as somebody else, while the request was under way.
  if (localStorage.getItem(REFRESH_TOKEN_KEY) !== refreshToken) return { ok: false, problem: ENDED };

  if (answer.ok) {
    accessToken = answer.value.accessToken;
    localStorage.setItem(REFRESH_TOKEN_KEY, answer.value.refreshToken);
    return { ok: true, value: accessToken, headers: answer.headers };
  }
  if (!isRefusal(answer.problem)) return answer;
  endRefusedSession();
  return { ok: false, problem: ENDED };
}

/** An outage or a rate limit says nothing about the token: the session is kept for another try. */
function isRefusal(problem: Problem): boolean {
  return problem.status === 400 || problem.status === 401 || problem.status === 422;
}

/** Browsers have locks on https and on localhost only; elsewhere the server's tolerance for a token used twice has to do. */
function oneAtATime(work: () => Promise<Answer<string>>): Promise<Answer<string>> {
  if (navigator.locks === undefined) return work();
  return navigator.locks.request(REFRESH_LOCK, work);
}

function endSession(notice: string | null): void {
  forgetPerson();
  localStorage.removeItem(REFRESH_TOKEN_KEY);
  localStorage.removeItem(EMAIL_KEY);
  session.set({ email: null, notice });
}

function forgetPerson(): void {
  accessToken = null;
  for (const forget of forgetters) forget();
}

function storedEmail(): string | null {
  return localStorage.getItem(REFRESH_TOKEN_KEY) === null ? null : (localStorage.getItem(EMAIL_KEY) ?? "");
}

/** Signing in or out in one tab is signing in or out in all of them. */
addEventListener("storage", (event) => {
  if (event.key !== REFRESH_TOKEN_KEY && event.key !== null) return;
  const email = storedEmail();
  if (email === session.get().email) return;
  forgetPerson();
  session.set({ email, notice: null });
});

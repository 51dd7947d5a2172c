import { dismissNotice, endOnServer, leaveSession, type Session } from "../api/session.ts";
import { paths } from "../routes.ts";
import { Mark } from "./dots.tsx";
import { Link, navigate } from "./router.tsx";
import "./top-bar.css";

/** The head of every page: home, and who is at the screen. */
export function TopBar({ person }: Pick<Session, "person">) {
  async function leave() {
    if (!(await endOnServer())) return;
    leaveSession();
    navigate(paths.landing);
  }
  return (
    <header className="top">
      <Link className="wordmark" to={person === null ? paths.landing : paths.library}>
        <Mark />
        Halftone
      </Link>
      <nav aria-label="Account">
        {person === null ? (
          <Link to={paths.signIn}>Sign in</Link>
        ) : (
          <>
            <Link className="person quiet" to={paths.account}>
              {person.email}
            </Link>
            <button type="button" className="text-button" onClick={leave}>
              Sign out
            </button>
          </>
        )}
      </nav>
    </header>
  );
}

/** A sentence about the session, such as that it has ended. */
export function SessionNotice({ notice }: { notice: string | null }) {
  return (
    <div role="status">
      {notice !== null && (
        <p className="session-notice">
          {notice}
          <button type="button" className="text-button" onClick={dismissNotice}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}

import { dismissNotice, type Session, signOut } from "../api/session.ts";
import { paths } from "../routes.ts";
import { Mark } from "./dots.tsx";
import { Link, navigate } from "./router.tsx";
import "./top-bar.css";

/** The head of every page: home, and who is at the screen. */
export function TopBar({ session }: { session: Session }) {
  function leave() {
    signOut();
    navigate(paths.landing);
  }
  return (
    <header className="top">
      <Link className="wordmark" to={session.email === null ? paths.landing : paths.library}>
        <Mark />
        Halftone
      </Link>
      <nav aria-label="Account">
        {session.email === null ? (
          <Link to={paths.signIn}>Sign in</Link>
        ) : (
          <>
            <span className="person quiet">{session.email}</span>
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

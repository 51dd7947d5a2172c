import { useEffect, useRef } from "react";
import { session as sessionStore } from "./api/session.ts";
import { SignIn } from "./features/account/sign-in.tsx";
import { SignUp } from "./features/account/sign-up.tsx";
import { PhotoPage } from "./features/gallery/photo-page.tsx";
import { Account } from "./pages/account.tsx";
import { Landing } from "./pages/landing.tsx";
import { Library } from "./pages/library.tsx";
import { Unknown } from "./pages/unknown.tsx";
import { matchRoute, type Route, redirectFor } from "./routes.ts";
import { useStore } from "./store.ts";
import { replaceAddress, useAddress } from "./ui/router.tsx";
import { SessionNotice, TopBar } from "./ui/top-bar.tsx";
import "./ui/base.css";
import "./ui/button.css";

export function App() {
  const session = useStore(sessionStore);
  const { path, search } = useAddress();
  const route = matchRoute(path);
  const redirect = redirectFor(route, path, search, session.person !== null);
  const main = useFocusOnNewPage(path);

  useEffect(() => {
    if (redirect !== null) replaceAddress(redirect);
  }, [redirect]);

  return (
    <>
      <TopBar person={session.person} />
      <SessionNotice notice={session.notice} />
      <main ref={main} className="page" tabIndex={-1}>
        {/* Another person gets another page: nothing that one has typed or been shown is left for the next. */}
        {redirect === null && <Page key={session.person?.userId} route={route} />}
      </main>
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.name) {
    case "landing":
      return <Landing />;
    case "library":
      return <Library />;
    case "sign-in":
      return <SignIn />;
    case "sign-up":
      return <SignUp />;
    case "account":
      return <Account />;
    case "photo":
      return <PhotoPage key={route.id} id={route.id} />;
    case "unknown":
      return <Unknown />;
  }
}

/** A new page without a page load: the keyboard and screen readers start at its beginning, as they would after one. */
function useFocusOnNewPage(path: string) {
  const main = useRef<HTMLElement>(null);
  const shownPath = useRef(path);
  useEffect(() => {
    if (shownPath.current === path) return;
    shownPath.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}

import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { createStore, useStore } from "../store.ts";

/** Where the address bar points. */
interface Address {
  path: string;
  /** The query with its question mark, or nothing. */
  search: string;
}

const address = createStore<Address>(readAddress());

addEventListener("popstate", () => address.set(readAddress()));

function readAddress(): Address {
  return { path: location.pathname, search: location.search };
}

export function useAddress(): Address {
  return useStore(address);
}

/** Opens a page of the app as a link does. */
export function navigate(to: string): void {
  history.pushState(null, "", to);
  address.set(readAddress());
  scrollTo(0, 0);
}

/** Changes the address without a step in the history, so that "back" does not lead through it. */
export function replaceAddress(to: string): void {
  history.replaceState(null, "", to);
  address.set(readAddress());
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** A page of the app. */
  to: string;
}

/** A real link: it can be opened in a new tab, copied and followed without the mouse. */
export function Link({ to, ...attributes }: LinkProps) {
  function follow(event: MouseEvent<HTMLAnchorElement>) {
    const wantsAnotherTab = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (wantsAnotherTab) return;
    event.preventDefault();
    navigate(to);
  }
  return <a {...attributes} href={to} onClick={follow} />;
}

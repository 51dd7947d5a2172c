import { useEffect } from "react";
import { createStore, type Store, useStore } from "../store.ts";
import type { Answer, Problem } from "./answer.ts";
import { type Person, session, whenPersonChanges } from "./session.ts";

/** Something of the person's that the server keeps: as it was last heard of, and why it could not be asked for since. */
export interface Loaded<Value> {
  /** Null until it has come. */
  value: Value | null;
  problem: Problem | null;
}

export interface Resource<Value> extends Store<Loaded<Value>> {
  /** Asks for it, also when it is known. */
  load(): Promise<void>;
}

/** Keeps something of the person's for as long as they are at the screen. */
export function createResource<Value>(ask: (person: Person) => Promise<Answer<Value>>): Resource<Value> {
  const store = createStore<Loaded<Value>>({ value: null, problem: null });
  whenPersonChanges(() => store.set({ value: null, problem: null }));
  return {
    ...store,
    async load() {
      const { person } = session.get();
      if (person === null) return;
      const answer = await ask(person);
      // An answer to the person before is dropped.
      if (session.get().person !== person) return;
      if (answer.ok) store.set({ value: answer.value, problem: null });
      else store.set({ ...store.get(), problem: answer.problem });
    },
  };
}

/** Reads it, and asks for it anew when the page is opened. */
export function useResource<Value>(resource: Resource<Value>): Loaded<Value> {
  useEffect(() => {
    void resource.load();
  }, [resource]);
  return useStore(resource);
}

export function hasCome({ value, problem }: Loaded<unknown>): boolean {
  return value !== null || problem !== null;
}

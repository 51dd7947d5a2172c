import type { DomainEvent } from "../../shared/contracts/events.ts";
import type {
  AuthPersonalDataApi,
  ImagesApi,
  ImagesPersonalDataApi,
  LoggedEvent,
  OutboxApi,
  Refusal,
  SetAsideNote,
  WebhooksApi,
} from "../../shared/contracts/rpc.ts";

/** A neighbour's outbox as the tests see it: what is settled is gone, what is refused is noted. */
export interface ScriptedOutbox extends OutboxApi {
  fill(object: string, events: DomainEvent[]): Promise<void>;
  setAway(object: string, isAway: boolean): Promise<void>;
  /** Says what was set aside; null where it does not say. */
  setSetAside(notes: SetAsideNote[] | null): Promise<void>;
  /** What still waits there and what was refused. */
  look(object: string): Promise<{ waiting: string[]; refused: Refusal[] }>;
}

/** The webhooks Worker as the tests see it: it keeps every event that it was handed, repeated ones too. */
export interface ScriptedWebhooks extends WebhooksApi {
  setAway(account: string, isAway: boolean): Promise<void>;
  received(account: string): Promise<LoggedEvent[]>;
  /** How many came with each call. */
  pages(account: string): Promise<number[]>;
}

/** The photos as the tests see them: whose each is. */
export interface ScriptedImages extends ImagesApi {
  give(userId: string, imageId: string): Promise<void>;
  setAway(isAway: boolean): Promise<void>;
}

/** What a neighbour knows of people as the tests see it. It knows so many things of each, and erases one a call. */
export interface ScriptedPersonalData extends AuthPersonalDataApi, ImagesPersonalDataApi {
  fill(userId: string, things: number): Promise<void>;
  setAway(userId: string, isAway: boolean): Promise<void>;
  /** How many things it still knows of somebody, and whose erasure it was told of. */
  look(userId: string): Promise<{ things: number; noted: string[] }>;
}

/**
 * The part of a stub's script behind these interfaces. Everything is kept per object or account, so that tests,
 * which draw new ids, do not see each other.
 */
export const SCRIPTED_PEERS = `
  const homes = new Map();
  function homeOf(object) {
    if (!homes.has(object)) homes.set(object, { events: [], refused: [], isAway: false });
    return homes.get(object);
  }
  let setAside = [];
  export class OutboxService extends WorkerEntrypoint {
    takeEvents(object, { appended, refused }, limit) {
      const home = homeOf(object);
      if (home.isAway) throw new Error("The outbox is away.");
      const settled = new Set([...appended, ...refused.map(({ id }) => id)]);
      home.events = home.events.filter(({ id }) => !settled.has(id));
      home.refused.push(...refused);
      return home.events.slice(0, limit);
    }
    setAsideEvents(limit) {
      if (setAside === null) throw new Error("The outbox is away.");
      return setAside.slice(0, limit);
    }
    redriveEvents(origin, eventId) {
      const kept = this.setAsideEvents(100).filter(({ id }) => eventId !== null && id !== eventId);
      const redriven = setAside.length - kept.length;
      setAside = kept;
      return redriven;
    }
    setSetAside(notes) { setAside = notes; }
    fill(object, events) { homeOf(object).events.push(...events); }
    setAway(object, isAway) { homeOf(object).isAway = isAway; }
    look(object) {
      const { events, refused } = homeOf(object);
      return { waiting: events.map(({ id }) => id), refused };
    }
  }

  const receivedBy = new Map();
  const awayFrom = new Set();
  export class WebhooksService extends WorkerEntrypoint {
    acceptEvents(events) {
      const [{ account }] = events;
      if (awayFrom.has(account)) throw new Error("Webhooks is away.");
      receivedBy.set(account, [...(receivedBy.get(account) ?? []), events]);
    }
    setAway(account, isAway) { isAway ? awayFrom.add(account) : awayFrom.delete(account); }
    received(account) { return (receivedBy.get(account) ?? []).flat(); }
    pages(account) { return (receivedBy.get(account) ?? []).map((page) => page.length); }
  }

  const owners = new Map();
  let photosAreAway = false;
  export class ImagesService extends WorkerEntrypoint {
    ownedImages(userId, imageIds) {
      if (photosAreAway) throw new Error("Images is away.");
      return imageIds.filter((id) => owners.get(id) === userId);
    }
    give(userId, imageId) { owners.set(imageId, userId); }
    setAway(isAway) { photosAreAway = isAway; }
  }

  const people = new Map();
  function personOf(userId) {
    if (!people.has(userId)) people.set(userId, { things: 0, isAway: false, noted: [] });
    const person = people.get(userId);
    if (person.isAway) throw new Error("Personal data is away.");
    return person;
  }
  export class PersonalDataService extends WorkerEntrypoint {
    exportPage(userId, cursor) {
      const { things } = personOf(userId);
      const number = Number(cursor ?? 0);
      if (things === 0) return { lines: "", records: 0, next: null };
      const lines = JSON.stringify({ record: "thing", number }) + "\\n";
      return { lines, records: 1, next: number + 1 < things ? String(number + 1) : null };
    }
    openPhotosZip() { return new Response("a zip").body; }
    eraseUser(userId) {
      const person = personOf(userId);
      person.things = Math.max(0, person.things - 1);
      return person.things === 0;
    }
    noteErased(userId, service) { personOf(userId).noted.push(service); }
    fill(userId, things) { personOf(userId).things = things; }
    setAway(userId, isAway) { people.set(userId, { things: 0, noted: [], ...people.get(userId), isAway }); }
    look(userId) { const { things, noted } = personOf(userId); return { things, noted }; }
  }`;

import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { EventsChannel } from "../../../shared/outbox/events-channel.ts";
import { RelayObject } from "../../../shared/outbox/relay.do.ts";
import type { Env } from "./env.ts";

/** Announces this service's waiting events until they are taken. */
export class Relay extends RelayObject<Env> {
  protected createChannels(leaseMs: number) {
    return [new EventsChannel("webhooks", new D1OutboxStore(this.env.DB), this.env.EVENTS, leaseMs)];
  }
}

import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { EventsChannel } from "../../../shared/outbox/events-channel.ts";
import { RelayObject } from "../../../shared/outbox/relay.do.ts";
import { CHECK_NAME } from "./consistency/consistency-check.do.ts";
import { WatchChannel } from "./consistency/watch-channel.ts";
import type { Env } from "./env.ts";
import { FeedChannel } from "./feed/feed-channel.ts";
import { LiveUpdatesRepo } from "./feed/live-updates.repo.ts";
import { JobsChannel } from "./jobs/jobs-channel.ts";
import { OpenJobsRepo } from "./jobs/open-jobs.repo.ts";
import { Objects } from "./storage/objects.ts";
import { TrashRepo } from "./storage/trash.repo.ts";
import { TrashChannel } from "./storage/trash-channel.ts";
import { BegunObjectsRepo } from "./uploads/begun-objects.repo.ts";
import { LostUploadsChannel } from "./uploads/lost-uploads-channel.ts";

/**
 * Announces this service's waiting events and open jobs until they are taken, brings feeds what happened to photos,
 * gives up lost uploads, empties its trash and wakes the check of rows and objects.
 */
export class Relay extends RelayObject<Env> {
  protected createChannels(leaseMs: number) {
    const { DB, BUCKET, EVENTS, FEEDS, RESIZE, CONSISTENCY } = this.env;
    return [
      new EventsChannel("images", new D1OutboxStore(DB), EVENTS, leaseMs),
      new FeedChannel(new LiveUpdatesRepo(DB), (userId) => FEEDS.getByName(userId), leaseMs),
      new JobsChannel(new OpenJobsRepo(DB), RESIZE, leaseMs),
      new LostUploadsChannel(new BegunObjectsRepo(DB), new Objects(BUCKET)),
      new TrashChannel(new TrashRepo(DB), new Objects(BUCKET)),
      new WatchChannel(CONSISTENCY.getByName(CHECK_NAME)),
    ];
  }
}

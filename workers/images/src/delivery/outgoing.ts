import { fail, ok, type Result } from "../../../../shared/result.ts";
import { cutEtag, lengthOf, piecesOf, readCuts, slicePieces } from "../privacy/cuts.ts";
import { UNSCANNED, WHOLE } from "../privacy/leaving.ts";
import { openPieces } from "../privacy/open-pieces.ts";
import { scanObject } from "../privacy/scan-object.ts";
import type { ByteRange, Objects } from "../storage/objects.ts";
import { type Delivered, deliver } from "./delivery-service.ts";
import { noteSeen, type Sight, seenLately } from "./sightings.ts";

/** Bytes that leave: all of an object, or what its cuts leave of it. */
export interface Outgoing {
  /** Without quotes; of just these bytes. */
  etag: string;
  /** How many there are, and when the object was there; null where it is gone. */
  measure(): Promise<Sight | null>;
  /** All of them, or a range; null where the object is gone. */
  open(range: ByteRange | null): Promise<Delivered | null>;
}

interface Stored {
  key: string;
  mimeType: string;
  etag: string;
  /** What is left out, in its text form; absent where all leaves. */
  cuts?: string;
}

/** What leaves of an object. */
export async function prepareOutgoing(
  objects: Objects,
  stored: Stored,
): Promise<Result<Outgoing, "not_found" | "not_shareable">> {
  const { key, etag, mimeType } = stored;
  const cuts = stored.cuts === UNSCANNED ? await scanObject(objects, key, mimeType) : (stored.cuts ?? WHOLE);
  if (cuts === null) return fail("not_found", "There is nothing here.");
  return cuts === WHOLE ? ok(wholeObject(objects, key, etag)) : cutObject(objects, key, etag, cuts);
}

function wholeObject(objects: Objects, key: string, etag: string): Outgoing {
  return {
    etag,
    measure: () => lookAt(objects, key),
    async open(range) {
      if (range === null) return deliverSeen(objects, key);
      const opened = await objects.open(key, range);
      return opened && { body: opened.body, bytes: range.length, at: Date.now() };
    },
  };
}

/** How long an object is, null where it is gone. Asked once a minute: a part of it then costs one read of the bucket. */
async function lookAt(objects: Objects, key: string): Promise<Sight | null> {
  const seen = seenLately(key);
  if (seen !== null) return seen;
  const stored = await objects.head(key);
  if (stored === null) return null;
  const sight = { bytes: stored.bytes, at: Date.now() };
  noteSeen(key, sight);
  return sight;
}

async function deliverSeen(objects: Objects, key: string): Promise<Delivered | null> {
  const delivered = await deliver(objects, key);
  if (delivered !== null) noteSeen(key, { bytes: delivered.bytes, at: delivered.at });
  return delivered;
}

function cutObject(objects: Objects, key: string, etag: string, cuts: string): Result<Outgoing, "not_shareable"> {
  const plan = readCuts(cuts);
  if (plan === null) return fail("not_shareable", "The metadata cannot be cut out of this file, so it is not sent.");
  const pieces = piecesOf(plan);
  return ok({
    etag: cutEtag(etag, cuts),
    async measure() {
      const sight = await lookAt(objects, key);
      return sight && { ...sight, bytes: lengthOf(pieces) };
    },
    async open(range) {
      if (range === null) return deliver(objects, key, cuts);
      const opened = await openPieces(objects, key, slicePieces(pieces, range));
      return opened && { ...opened, at: Date.now() };
    },
  });
}

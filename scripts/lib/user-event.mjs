// Events of what commands do to users. They lie in auth's outbox like those of the Workers and leave it with the next
// ones that auth writes.

import { textLiteral } from "./database.mjs";
import { uuidV7 } from "./uuid.mjs";

/**
 * The statement that writes one event for each user that the condition finds, as it stands when the statement runs.
 * It belongs into one transaction with the change that it tells of.
 * @param {object} event
 * @param {string} event.type one of shared/contracts/events.ts
 * @param {string} event.sequence the event's number among those of its user, as SQL
 * @param {Record<string, unknown>} event.metadata
 * @param {string} event.where a condition that finds one user at most
 * @returns {string} SQL
 */
export function userEventSql({ type, sequence, metadata, where }) {
  const id = textLiteral(uuidV7());
  // A command has no user at the keyboard whom auth knows.
  const actor = { userId: null, sessionId: null, keyId: null, ip: null, userAgent: "halftone command" };
  return `INSERT INTO outbox (id, body) SELECT ${id}, json_object(
    'id', ${id},
    'type', ${textLiteral(type)},
    'account', users.id,
    'actor', json(${textLiteral(JSON.stringify(actor))}),
    'resource', users.id,
    'sequence', ${sequence},
    'metadata', json(${textLiteral(JSON.stringify(metadata))}),
    'occurredAt', ${textLiteral(new Date().toISOString())},
    'requestId', NULL
  ) FROM users WHERE ${where}`;
}

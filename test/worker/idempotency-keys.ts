/** As if what holds the keys in a database had done so long ago. */
export function keysAge(database: D1Database, ms: number) {
  const change = "UPDATE idempotency_key SET lease_until = lease_until - ?1, expires_at = expires_at - ?1";
  return database.prepare(change).bind(ms).run();
}

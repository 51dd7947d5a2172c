// Runs in workerd in the place of a service's app: writes facts in commits, and nudges the service's relay after each, as
// the product's own committer does.

export default {
  async fetch(request, env, ctx) {
    const { facts, perCommit, accounts, start } = await request.json();
    const insert = env.DB.prepare("INSERT INTO outbox (id, body) VALUES (?, ?)");
    const relay = env.RELAY.getByName("relay");
    await relay.watch();
    let rowsWritten = 0;
    for (let from = 0; from < facts; from += perCommit) {
      const batch = [];
      for (let fact = from; fact < Math.min(facts, from + perCommit); fact++) {
        const event = factOf(start + fact, accounts[fact % accounts.length]);
        batch.push(insert.bind(event.id, JSON.stringify(event)));
      }
      for (const { meta } of await env.DB.batch(batch)) rowsWritten += meta.rows_written;
      ctx.waitUntil(relay.nudge());
    }
    return Response.json({ rowsWritten });
  },
};

/** As long as that of an order. */
function factOf(number, account) {
  const id = `019a0000-0000-7000-8000-${String(number).padStart(12, "0")}`;
  return {
    id,
    type: "order.created",
    account,
    actor: { userId: account, sessionId: id, keyId: null, ip: "192.0.2.1", userAgent: "bench" },
    resource: id,
    sequence: 1,
    metadata: { product: "Print", quantity: 2, priceCents: 999, totalCents: 1998, currency: "USD" },
    occurredAt: new Date().toISOString(),
    requestId: id,
  };
}

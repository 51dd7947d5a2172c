// Runs in workerd beside the orders Worker, over the same database, and does what cannot be avoided for the same answers:
// the same rows in one batch or the same query, one line to the log, the same status and headers. It knows nobody, checks
// nothing and tells nobody.

/** How an order looked that the real Worker placed: its rows, its answer, the ids in them. */
const model = { rows: [], ids: [], answer: { status: 200, headers: {}, body: "" }, statements: null };

export default {
  async fetch(request, env) {
    if (request.method === "PUT") {
      Object.assign(model, await request.json(), { statements: null });
      return new Response(null);
    }
    const requestId = newId();
    return request.method === "POST"
      ? place(await request.json(), env.DB, requestId)
      : read(request, env.DB, requestId);
  },
};

async function place(_order, database, requestId) {
  // Each of the model's ids becomes a new one, the same everywhere.
  const renewed = model.ids.map((id) => [id, newId()]);
  const renew = (value) =>
    typeof value === "string" ? renewed.reduce((text, [from, to]) => text.replaceAll(from, to), value) : value;
  model.statements ??= [
    database.prepare("SELECT 1 FROM erased_user WHERE user_id = ?"),
    ...model.rows.map(({ table, row }) => {
      const names = Object.keys(row);
      return database.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => "?")})`);
    }),
  ];
  const [check, ...inserts] = model.statements;
  await database.batch([
    check.bind(model.userId),
    ...inserts.map((insert, index) => insert.bind(...Object.values(model.rows[index].row).map(renew))),
  ]);
  return answer("POST", renew(model.answer.body), requestId);
}

async function read(request, database, requestId) {
  const id = new URL(request.url).pathname.split("/").at(-1);
  const row = await database.prepare("SELECT * FROM orders WHERE id = ?").bind(id).first();
  return answer("GET", row === null ? "" : model.answer.body, requestId);
}

function answer(method, body, requestId) {
  const { status, headers } = model.answer;
  const line = {
    level: "info",
    service: "orders",
    msg: "request",
    method,
    path: "/api/orders",
    route: "/",
    status,
    ms: 0,
  };
  console.log(JSON.stringify({ ...line, time: new Date().toISOString(), requestId, traceId: requestId }));
  return new Response(body, { status, headers: { ...headers, "X-Request-Id": requestId } });
}

/** Ids sort by time, as the real ones do: otherwise the pages of the database that are written would be others. */
function newId() {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

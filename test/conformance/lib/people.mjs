import { expectStatus, Mismatch } from "./expect.mjs";
import { once } from "./once.mjs";
import { ARCHIVIST, JOHN, PHOTOGRAPHER } from "./printed.mjs";
import { expectProblem } from "./promises.mjs";

export const NEWCOMER_PASSWORD = "a-passphrase-of-a-newcomer";

/**
 * The people of the sources' examples, and others who are new. A person is
 * `{ id, email, login, token, accessToken, refreshToken }`; `login` is the body that signs them in.
 */
export function createPeople(client, newAddress) {
  async function newcomer() {
    const body = { email: newAddress("newcomer"), password: NEWCOMER_PASSWORD };
    const answer = await client.post("/api/users/register", body);
    expectStatus(answer, 201);
    return personOf(answer, JSON.stringify(body));
  }

  return {
    /** S1's example. */
    john: once(() => signUpOrIn(client, "/api/users", JOHN, "s1")),
    /** S2's example. */
    photographer: once(() => signUpOrIn(client, "/api/auth", PHOTOGRAPHER, "s2")),
    /** S4's example. */
    archivist: once(() => signUpOrIn(client, "/api/users", ARCHIVIST, "s4")),
    /** Somebody else: who must not see what the others own. */
    stranger: once(newcomer),
    /** Somebody new at each call. */
    newcomer,
  };
}

/**
 * Registers as printed. An address that an earlier run has taken signs in with the printed password. S2 and S4 print
 * one address with two passwords, so whichever comes second is refused and takes a plus-address of its own.
 */
async function signUpOrIn(client, prefix, printed, tag) {
  const person = (await tryPrinted(client, prefix, printed)) ?? (await tryPrinted(client, prefix, plus(printed, tag)));
  if (person === null) throw new Mismatch(`${prefix}/login`, "the printed password to sign in", "401 twice");
  return person;
}

/** The person, or null when the address belongs to somebody with another password. */
async function tryPrinted(client, prefix, { register, login }) {
  const created = await client.post(`${prefix}/register`, register);
  if (created.status === 201) return personOf(created, login);
  expectProblem(created, 409, "email_taken");
  const back = await client.post(`${prefix}/login`, login);
  if (back.status === 200) return personOf(back, login);
  expectProblem(back, 401, "invalid_credentials");
  return null;
}

function plus({ register, login }, tag) {
  const tagged = (body) => body.replace("@", `+${tag}@`);
  return { register: tagged(register), login: tagged(login) };
}

function personOf({ json }, login) {
  const { userId, email, accessToken, refreshToken } = json;
  // Clients of S1 and S4 know one token only; it is given where they sign in (C4).
  return { id: userId, email, login, accessToken, refreshToken, token: json.token ?? accessToken };
}

export interface UserSources {
  /** Auth's own word, by RPC. */
  auth: { userExists(userId: string): Promise<boolean> };
  /** Addresses of a user service that is asked in its place (S1.57); one of them, whichever. */
  addresses: string[];
  /** The caller's access token, as whom a user service at an address is asked. */
  authorization: string;
}

/** Whether a user still exists. Throws when nobody says. */
export async function userExists({ auth, addresses, authorization }: UserSources, userId: string): Promise<boolean> {
  const address = addresses[Math.floor(Math.random() * addresses.length)];
  return address === undefined ? auth.userExists(userId) : askAt(address, userId, authorization);
}

async function askAt(address: string, userId: string, authorization: string): Promise<boolean> {
  const headers = { Authorization: authorization };
  // The token is for this address: it must not follow a redirect.
  const answer = await fetch(`${address}/api/users/${userId}`, { headers, redirect: "manual" });
  await answer.body?.cancel();
  if (answer.status === 404) return false;
  if (!answer.ok) throw new Error(`the user service answered ${answer.status}`);
  return true;
}

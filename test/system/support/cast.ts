import { Client } from "./client.ts";
import { type Operation, readOperations } from "./operations.ts";
import { makePhoto } from "./photo.ts";
import { sharedProduct } from "./shared-product.ts";

/** No route with an id in its path needs this, so a key that has nothing else is a key without the scope. */
export const OTHER_SCOPE = "events:read";

/** Who tries what they may do in the running product. */
export interface Cast {
  url: string;
  operations: Operation[];
  /** Whose things they are. */
  ada: Client;
  /** Somebody else. */
  eve: Client;
  admin: Client;
  photo: Buffer;
  /** Ada's; it stays as it is throughout, and orders are of it. */
  printedPhoto: string;
}

export async function gatherCast(): Promise<Cast> {
  const { url, admin: login } = await sharedProduct();
  const [admin, ada, eve] = await Promise.all([Client.signIn(url, login), Client.signUp(url), Client.signUp(url)]);
  const photo = await makePhoto({ width: 64, height: 64 });
  const { id: printedPhoto } = await ada.uploadPhoto(photo);
  await ada.settled(printedPhoto);
  return { url, operations: await readOperations(url), ada, eve, admin, photo, printedPhoto };
}

/** The status of an answer, whose body is read to its end. */
export async function statusOf(response: Response): Promise<number> {
  await response.arrayBuffer();
  return response.status;
}

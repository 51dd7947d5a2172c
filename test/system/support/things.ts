import { expect } from "vitest";
import type { AuditEntry } from "../../../shared/contracts/audit.ts";
import type { ExportView } from "../../../shared/contracts/personal-data.ts";
import type { ServiceAccountView } from "../../../shared/contracts/service-accounts.ts";
import type { SessionView } from "../../../shared/contracts/sessions.ts";
import type { CreatedShare } from "../../../shared/contracts/shares.ts";
import { type Cast, OTHER_SCOPE } from "./cast.ts";
import { Client } from "./client.ts";
import { beginUpload } from "./resumable.ts";

export type Parameters = Record<string, string>;

/** A fresh thing and whose it is; the parameters name it in a path. */
export interface Thing {
  owner: Client;
  parameters: Parameters;
}

export async function image({ ada, photo }: Cast): Promise<Thing> {
  const { id } = await ada.uploadPhoto(photo);
  return { owner: ada, parameters: { id, size: "original" } };
}

export async function share({ ada, photo }: Cast): Promise<Thing> {
  const { id } = await ada.uploadPhoto(photo);
  const made = await ada.send("POST", `/api/files/${id}/shares`, {});
  return { owner: ada, parameters: { id, shareId: ((await made.json()) as CreatedShare).id } };
}

export async function job({ ada, photo }: Cast): Promise<Thing> {
  const { jobId } = await ada.uploadPhoto(photo);
  return { owner: ada, parameters: { id: jobId ?? "" } };
}

export async function upload({ ada }: Cast): Promise<Thing> {
  const id = (await beginUpload(ada, 5)).split("/").at(-1) ?? "";
  return { owner: ada, parameters: { id } };
}

export async function order({ ada, printedPhoto }: Cast): Promise<Thing> {
  const items = [{ product: "Print", quantity: 1, price: 5, imageId: printedPhoto }];
  const response = await ada.send("POST", "/api/orders", { items });
  const { id } = (await response.json()) as { id: string };
  return { owner: ada, parameters: { id } };
}

export async function user({ ada }: Cast): Promise<Thing> {
  return { owner: ada, parameters: { id: ada.account.userId } };
}

export async function entry({ ada }: Cast): Promise<Thing> {
  const entries = () => ada.json<AuditEntry[]>("/api/audit/logs");
  await expect.poll(entries).not.toEqual([]);
  const [latest] = await entries();
  return { owner: ada, parameters: { id: latest?.id ?? "" } };
}

export async function key({ ada }: Cast): Promise<Thing> {
  const { id } = await ada.makeKey([OTHER_SCOPE]);
  return { owner: ada, parameters: { keyId: id } };
}

export const HOOK = "https://shop.example.com/hook";

/** Its receiver does not exist, so what is delivered there stays. */
export async function webhook({ url }: Cast): Promise<Thing> {
  const owner = await Client.signUp(url);
  const made = await owner.send("POST", "/api/webhooks", { url: HOOK });
  return { owner, parameters: { id: ((await made.json()) as { id: string }).id } };
}

export async function webhookDelivery(cast: Cast): Promise<Thing> {
  const { owner, parameters } = await webhook(cast);
  const tried = await owner.fetch(`/api/webhooks/${parameters.id}/test`, { method: "POST" });
  return { owner, parameters: { ...parameters, deliveryId: ((await tried.json()) as { id: string }).id } };
}

/** Somebody new with one session, because these routes end sessions. */
export async function session({ url }: Cast): Promise<Thing> {
  const owner = await Client.signUp(url);
  const { userId } = owner.account;
  const [own] = await owner.json<SessionView[]>(`/api/sessions/${userId}`);
  return { owner, parameters: { userId, sessionId: own?.id ?? "" } };
}

export async function finishedExport({ ada }: Cast): Promise<Thing> {
  const { id } = await ada.json<ExportView>("/api/users/me/export", { method: "POST" });
  const status = async () => (await ada.json<ExportView>(`/api/exports/${id}`)).status;
  await expect.poll(status, { timeout: 30_000, interval: 250 }).toBe("done");
  return { owner: ada, parameters: { id, part: "auth.ndjson" } };
}

/** Somebody new, because this route ends them. */
export async function newcomer({ url }: Cast): Promise<Thing> {
  const owner = await Client.signUp(url);
  return { owner, parameters: { id: owner.account.userId } };
}

/** A service account's key belongs to the admins. */
export async function serviceKey({ admin }: Cast): Promise<Thing> {
  const username = `service-${crypto.randomUUID()}`;
  const made = await admin.send("POST", "/api/service-accounts", { username });
  const { id } = (await made.json()) as ServiceAccountView;
  const keyMade = await admin.send("POST", `/api/service-accounts/${id}/keys`, { name: "k", scopes: [OTHER_SCOPE] });
  const { id: keyId } = (await keyMade.json()) as { id: string };
  return { owner: admin, parameters: { id, keyId } };
}

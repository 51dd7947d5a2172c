import type { ImageDetails, ImageStatusView, UploadView } from "../../../shared/contracts/images.ts";
import type { CreatedKey } from "../../../shared/contracts/keys.ts";
import type { SignedIn } from "../../../shared/contracts/users.ts";

let people = 0;

/** Everybody's here. */
export const PASSWORD = "a-password-of-our-own";

/** A client of the running product: one person who has signed up and speaks HTTP as curl does. */
export class Client {
  readonly base: string;
  readonly account: SignedIn;

  private constructor(base: string, account: SignedIn) {
    this.base = base;
    this.account = account;
  }

  static async signUp(base: string): Promise<Client> {
    people += 1;
    const email = `person-${process.pid}-${Date.now()}-${people}@example.com`;
    const response = await fetch(`${base}/api/auth/register`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    if (response.status !== 201) throw new Error(`Sign-up answered ${response.status}: ${await response.text()}`);
    return new Client(base, (await response.json()) as SignedIn);
  }

  static async signIn(base: string, login: { email: string; password: string }): Promise<Client> {
    const response = await fetch(`${base}/api/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(login),
    });
    if (response.status !== 200) throw new Error(`Login answered ${response.status}: ${await response.text()}`);
    return new Client(base, (await response.json()) as SignedIn);
  }

  /** The same person where the product runs now. */
  at(base: string): Client {
    return new Client(base, this.account);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${this.account.accessToken}`);
    return fetch(`${this.base}${path}`, { ...init, headers });
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await this.fetch(path, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Sends a JSON body. */
  send(method: string, path: string, body: object): Promise<Response> {
    return this.fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  /** Makes an API key of one's own and answers it. */
  async makeKey(scopes: string[], fields: object = {}): Promise<CreatedKey> {
    const response = await this.send("POST", "/api/keys", { name: "test", scopes, ...fields });
    if (response.status !== 201) throw new Error(`Key answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as CreatedKey;
  }

  /** Sends a photo as the web app does: the raw body. */
  uploadPhoto(photo: Buffer, name = "photo.jpg"): Promise<UploadView> {
    const headers = { "Content-Type": "image/jpeg", "X-File-Name": encodeURIComponent(name) };
    return this.json("/api/images", { method: "PUT", headers, body: new Uint8Array(photo) });
  }

  /** Polls until the image is complete or failed. */
  async settled(id: string, withinMs = 60_000): Promise<ImageStatusView> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const view = await this.json<ImageStatusView>(`/api/images/${id}/status`);
      if (view.status === "complete" || view.status === "failed") return view;
      if (Date.now() > deadline) throw new Error(`Image ${id} is still ${view.status} after ${withinMs} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  details(id: string): Promise<ImageDetails> {
    return this.json(`/api/images/${id}`);
  }
}

import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "gateway",
  purpose: "The one public door: who is asking, how often they may, and which service answers.",
  language: LANGUAGE,
  communication: [
    "HTTP to the world: the API, the page, these documents",
    "HTTP to every service through its binding, or through addresses that a setting names",
    "RPC to auth: public keys, exchange of keys and cookies, ended sessions",
  ],
  storage: [
    "Durable Object per caller: how often they came, in memory only",
    "Durable Objects: the sums of what was counted, and the health that was told last",
  ],
  security: [
    "Cookies and API keys end here; services see access tokens only, and verify them again",
    "Exact limits per user, key or address; signing in stays shut while they cannot be counted",
    "Security headers on every answer; other people's pages are let in by name only",
    "What strangers say about where they come from is dropped",
  ],
  pattern: "API gateway: one route table, deadlines, retries and a breaker per service",
};

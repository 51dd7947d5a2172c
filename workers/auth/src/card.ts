import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "auth",
  purpose:
    "Who somebody is: registration, passwords, sessions, API keys, and the tokens that every other service believes.",
  language: LANGUAGE,
  communication: [
    "HTTP behind the gateway: JSON, forms, and SOAP 1.1 and 1.2 at /register and /user/soap",
    "RPC AuthService for every other service: public keys, whether a user exists, exchange of keys and cookies, ended sessions",
    "RPC OutboxService and PersonalDataService for audit",
    "queue halftone-events: says that events wait",
  ],
  storage: [
    "D1 halftone-auth: users, ended sessions, erasures, outbox",
    "Durable Object per user: sessions, API keys, their events",
    "Durable Objects for the signing keys (sealed) and for failed logins",
  ],
  security: [
    "The only service that signs tokens (EdDSA) and the only one that sees a password",
    "argon2id, 19 MiB; imported hashes are replaced at the first login",
    "Ten failed logins per name in 15 minutes; unknown names cost and answer the same",
    "Secrets of keys and cookies are stored hashed; ended sessions are refused within 5 s",
  ],
  pattern: "One actor per user (Durable Object), events through a transactional outbox",
};

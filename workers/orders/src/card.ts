import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "orders",
  purpose: "Orders and their states.",
  language: LANGUAGE,
  communication: [
    "HTTP behind the gateway: JSON",
    "Asks auth by RPC whether the customer exists, and images whose the photos are",
    "RPC OutboxService and PersonalDataService for audit",
    "queue halftone-events: says that events wait",
  ],
  storage: ["D1 halftone-orders: orders, order_change, outbox"],
  security: [
    "One sees one's own orders, an admin everybody's",
    "Prices are integer minor units; no amount is rounded",
    "Who may move an order on is one table and one setting",
  ],
  pattern: "State machine as a table; compare-and-set on the order's version, with its event in the same transaction",
};

import * as z from "zod";

/** What a service says of itself (S3.0). Each Worker writes its own in `card.ts`. */
export const ServiceCard = z
  .object({
    name: z.string(),
    purpose: z.string(),
    /** Language and framework. */
    language: z.string(),
    /** Who talks to it and to whom it talks, one way a line. */
    communication: z.array(z.string()),
    storage: z.array(z.string()),
    security: z.array(z.string()),
    /** The design pattern that it is built on. */
    pattern: z.string(),
  })
  .meta({ ref: "ServiceCard" });
export type ServiceCard = z.output<typeof ServiceCard>;

/** The card as the Worker serves it, with what can be read off its code. */
export const CompleteServiceCard = ServiceCard.extend({
  /** Such as `GET /api/orders/{id}`: the routes that the service has. */
  endpoints: z.array(z.string()),
  /** The names of the settings that it reads. */
  configuration: z.array(z.string()),
}).meta({ ref: "CompleteServiceCard" });
export type CompleteServiceCard = z.output<typeof CompleteServiceCard>;

/** `GET /services`. The card is null while its service is away. */
export const ServiceCards = z
  .object({
    services: z.array(
      z.object({
        name: z.string(),
        health: z.enum(["healthy", "degraded", "unhealthy"]),
        card: CompleteServiceCard.nullable(),
      }),
    ),
  })
  .meta({ ref: "ServiceCards" });
export type ServiceCards = z.output<typeof ServiceCards>;

/** All seven are written in the same. */
export const LANGUAGE = "TypeScript with Hono, on Cloudflare Workers (workerd)";

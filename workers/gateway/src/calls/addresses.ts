import { addressList } from "../../../../shared/settings.ts";

/**
 * One for every service, and the names that three of them had in the source systems (S1.53, S1.54, S2.82). Both names
 * of a service count together.
 */
export const addressSettings = {
  AUTH_SERVICE_URL: addressList,
  USER_SERVICE_URL: addressList,
  IMAGES_SERVICE_URL: addressList,
  APP_SERVICE_URL: addressList,
  RESIZER_SERVICE_URL: addressList,
  ORDERS_SERVICE_URL: addressList,
  ORDER_SERVICE_URL: addressList,
  AUDIT_SERVICE_URL: addressList,
  WEBHOOKS_SERVICE_URL: addressList,
};

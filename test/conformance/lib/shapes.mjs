/** The sources' shapes, field by field, with the additions that the conflicts' resolutions name (C1, C9, C12, C14). */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** ISO 8601 in UTC with a Z, as every source prints it (S2.45). */
const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** "15KB" or "1.2MB" (S2.43, C12). */
const SIZE_TEXT = /^(\d+KB|\d+\.\dMB)$/;

const matcher = (expected, fits) => ({ expected, fits });
const matching = (expected, pattern) => matcher(expected, (value) => typeof value === "string" && pattern.test(value));

export const text = matcher("a text", (value) => typeof value === "string" && value !== "");
export const id = matching("a UUID", UUID);
export const time = matching("a UTC time that ends in Z", UTC_TIME);
export const jwt = matching("a JWT", JWT);
export const number = matcher("a number", (value) => typeof value === "number" && Number.isFinite(value));
export const count = matcher("a whole number from 1", (value) => Number.isInteger(value) && value > 0);
export const url = matcher("an absolute address", (value) => typeof value === "string" && URL.canParse(value));

export const exactly = (wanted) => matcher(JSON.stringify(wanted), (value) => value === wanted);
export const nullable = (shape) => matcher(`${shape.expected} or null`, (value) => value === null || shape.fits(value));
export const oneOf = (...values) => matcher(`one of ${values.join(", ")}`, (value) => values.includes(value));

const status = oneOf("pending", "processing", "complete", "failed");

export const user = {
  id,
  email: text,
  name: nullable(text),
  username: text,
  role: oneOf("user", "admin"),
  created: time,
};

const signedIn = { userId: id, email: text, accessToken: jwt, refreshToken: text, user };
export const registered = { message: exactly("User registered successfully"), ...signedIn };
export const loggedIn = { message: exactly("Login successful"), ...signedIn };
export const refreshed = { message: exactly("Tokens refreshed"), accessToken: jwt, refreshToken: text };
/** What the older clients of `/api/users/*` are given beside the pair (C4). */
export const legacyToken = { token: jwt };

export const order = {
  id,
  product: text,
  quantity: count,
  price: number,
  priceCents: number,
  total: number,
  status: oneOf("pending", "confirmed", "processing", "shipped", "delivered", "cancelled"),
};

export const file = { id, user_id: id, name: text, size: count, mime_type: text, created: time };
export const storedFile = { ...file, url, path: text };

export const acceptedImage = {
  message: exactly("Image upload accepted for processing"),
  imageId: id,
  jobId: text,
  status: exactly("pending"),
};

export const imageSummary = { id, originalName: text, status, uploadedAt: time, processedAt: nullable(time) };
export const imageStatus = { id, status, errorMessage: nullable(text) };

const size = { url, width: count, height: count, size: matching('a size such as "15KB"', SIZE_TEXT), bytes: count };
export const imageDetails = {
  ...imageSummary,
  status: exactly("complete"),
  sizes: { thumbnail: size, small: size, medium: size, large: size, original: size },
  processedAt: time,
};

export const auditEntry = {
  id: text,
  user_id: id,
  action: matching("an action in capitals", /^[A-Z_]+$/),
  resource: text,
  ip: nullable(text),
  user_agent: nullable(text),
  metadata: matcher("an object", (value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  timestamp: time,
};

export const serviceCard = {
  purpose: text,
  language: text,
  communication: [text],
  storage: [text],
  security: [text],
  pattern: text,
  endpoints: [text],
  configuration: [text],
};

export const problem = { type: text, title: text, status: number, detail: text, code: text, requestId: text };

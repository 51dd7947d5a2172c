import { bodyOf, expectAnswer, expectEqual, expectShape, expectStatus, expectTrue, Mismatch } from "../lib/expect.mjs";
import { PHOTOGRAPHER } from "../lib/printed.mjs";
import {
  expectHealthy,
  expectHidden,
  expectLogin,
  expectProblem,
  expectRegistration,
  expectTokenNeeded,
} from "../lib/promises.mjs";
import { PHOTO, TINY_PHOTO } from "../lib/samples.mjs";
import {
  acceptedImage,
  exactly,
  imageDetails,
  imageStatus,
  imageSummary,
  loggedIn,
  refreshed,
  registered,
  storedFile,
  time,
  user,
} from "../lib/shapes.mjs";
import { waitFor } from "../lib/wait.mjs";

export const s2Checks = [
  ["S2.38", registersAsPrinted],
  ["S2.39", logsInAsPrinted],
  ["S2.40", refreshesBothTokens],
  ["S2.41", acceptsAPhotoAndNamesItsJob],
  ["S2.42", listsOnlyYourImages],
  ["S2.43", showsEverySizeOfAnImage],
  ["S2.44", tellsTheStatusOfAnImage],
  ["S2.45", writesTimesInUTC],
  ["S2.65", tellsTheHealthOfAuth],
  ["S2.66", tellsHealthUnderApi],
  ["S2.67", tellsTheHealthOfTheGateway],
];

/** A photo of 640×480 is resized well within this. */
const RESIZE_PATIENCE_MS = 15_000;

/** 640×480 by C13: the thumbnail is cropped, small fits its box, the larger boxes enlarge nothing. */
const SIZES_OF_PHOTO = {
  thumbnail: [150, 150],
  small: [480, 360],
  medium: [640, 480],
  large: [640, 480],
  original: [640, 480],
};

async function registersAsPrinted(system) {
  await expectRegistration(system, "/api/auth/register", PHOTOGRAPHER.register, registered);
}

async function logsInAsPrinted({ client, people }) {
  const { login, id } = await people.photographer();
  const { userId } = await expectLogin(client, "/api/auth/login", login, loggedIn);
  expectEqual("/api/auth/login userId", userId, id);
  const wrong = { ...JSON.parse(login), password: "not-the-password" };
  expectProblem(await client.post("/api/auth/login", wrong), 401, "invalid_credentials");
}

/** Rotating: the answer's refresh token is a new one, and the new access token works. */
async function refreshesBothTokens({ client, people }) {
  const { login } = await people.photographer();
  const { refreshToken } = await expectLogin(client, "/api/auth/login", login, loggedIn);
  const answer = await client.post("/api/auth/refresh", { refreshToken });
  expectAnswer(answer, 200, refreshed);
  expectTrue("/api/auth/refresh refreshToken", answer.json.refreshToken !== refreshToken, "a new one", "the same");
  expectAnswer(await client.get("/profile", { token: answer.json.accessToken }), 200, user);
  expectProblem(await client.post("/api/auth/refresh", { refreshToken: "made-up" }), 401, "invalid_refresh_token");
}

/** C9: S2's four fields, and S4's beside them. */
async function acceptsAPhotoAndNamesItsJob({ client, people }) {
  const { accessToken: token, id } = await people.photographer();
  const answer = await client.upload("/api/images/upload", "image", TINY_PHOTO, { token });
  expectAnswer(answer, 202, { ...acceptedImage, ...storedFile, user_id: exactly(id), name: exactly("photo.jpg") });
  expectEqual("imageId", answer.json.imageId, answer.json.id);
  expectProblem(await client.upload("/api/images/upload", "image", TINY_PHOTO), 401, "unauthenticated");
  const text = { name: "photo.jpg", type: "image/jpeg", bytes: Buffer.from("not a photo at all") };
  expectStatus(await client.upload("/api/images/upload", "image", text, { token }), 415);
}

/** C11: S2's envelope stays. */
async function listsOnlyYourImages({ client, people, photo }) {
  const { owner, accepted } = await photo();
  const answer = await client.get("/api/images", { token: owner.accessToken });
  expectAnswer(answer, 200, { images: [imageSummary] });
  const listed = answer.json.images.find((image) => image.id === accepted.imageId);
  expectTrue("/api/images", listed !== undefined, "the image just uploaded", answer.text);
  expectEqual("/api/images originalName", listed.originalName, PHOTO.name);

  const stranger = await people.stranger();
  const theirs = await client.get("/api/images", { token: stranger.accessToken });
  expectAnswer(theirs, 200, { images: [imageSummary] });
  const seen = theirs.json.images.some((image) => image.id === accepted.imageId);
  expectTrue("a stranger's /api/images", !seen, "nobody else's image", theirs.text);
  await expectTokenNeeded(client, "GET", "/api/images");
}

async function showsEverySizeOfAnImage({ client, people, photo }) {
  const { owner, accepted } = await photo();
  await resized(client, accepted.imageId, owner.accessToken);
  const answer = await client.get(`/api/images/${accepted.imageId}`, { token: owner.accessToken });
  expectAnswer(answer, 200, { ...imageDetails, originalName: exactly(PHOTO.name) });
  const { sizes } = answer.json;
  for (const [name, [width, height]] of Object.entries(SIZES_OF_PHOTO)) {
    expectEqual(`sizes.${name}`, `${sizes[name].width}x${sizes[name].height}`, `${width}x${height}`);
    await expectSizeBytes(client, name, sizes[name]);
  }
  const stranger = await people.stranger();
  await expectHidden(client, (any) => `/api/images/${any}`, accepted.imageId, stranger.accessToken);
}

/** C16: the address in the answer needs no token. */
async function expectSizeBytes(client, name, { url, bytes }) {
  const answer = await client.get(url);
  expectStatus(answer, 200);
  expectTrue(`sizes.${name} Content-Type`, answer.type.startsWith("image/"), "an image type", answer.type);
  expectEqual(`sizes.${name} bytes`, answer.bytes.length, bytes);
}

/** Polls as S2's page does (S2.58). */
async function resized(client, imageId, token) {
  await waitFor(`status of image ${imageId}`, RESIZE_PATIENCE_MS, async () => {
    const answer = await client.get(`/api/images/${imageId}/status`, { token });
    expectAnswer(answer, 200, imageStatus);
    const { status, errorMessage } = answer.json;
    if (status === "failed") throw new Mismatch(`status of image ${imageId}`, "complete", `failed: ${errorMessage}`);
    return status === "complete" ? answer : null;
  });
}

async function tellsTheStatusOfAnImage({ client, people, photo }) {
  const { owner, accepted } = await photo();
  const path = `/api/images/${accepted.imageId}/status`;
  const answer = await client.get(path, { token: owner.accessToken });
  expectAnswer(answer, 200, { ...imageStatus, id: exactly(accepted.imageId), errorMessage: exactly(null) });
  const stranger = await people.stranger();
  await expectHidden(client, (any) => `/api/images/${any}/status`, accepted.imageId, stranger.accessToken);
  await expectTokenNeeded(client, "GET", path);
}

async function writesTimesInUTC({ client, photo }) {
  const { owner, accepted } = await photo();
  const { accessToken: token } = owner;
  await resized(client, accepted.imageId, token);
  const image = bodyOf(await client.get(`/api/images/${accepted.imageId}`, { token }), 200);
  const person = bodyOf(await client.get("/profile", { token }), 200);
  const times = { uploadedAt: image.uploadedAt, processedAt: image.processedAt, created: person.created };
  expectShape("times", times, { uploadedAt: time, processedAt: time, created: time });
  expectTrue(
    "processedAt",
    image.processedAt >= image.uploadedAt,
    `no time before ${image.uploadedAt}`,
    image.processedAt,
  );
}

async function tellsTheHealthOfAuth({ client }) {
  await expectHealthy(client, "/health", ["auth"]);
}

async function tellsHealthUnderApi({ client }) {
  await expectHealthy(client, "/api/health", ["images", "resizer"]);
}

async function tellsTheHealthOfTheGateway({ client }) {
  const { service } = await expectHealthy(client, "/health");
  expectEqual("/health service", service, "gateway");
}

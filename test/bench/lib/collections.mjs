// People with few and with many photos, side by side in one database.

const PASSWORD = "a-password-of-our-own";
const SIZES = ["thumbnail", "small", "medium", "large"];

/** Photo `i` of a user: ids sort by time, as real ones do. Everybody else's lie behind all of those measured. */
const PHOTO_ID = `substr(printf('%012x', ?2 + i), 1, 8) || '-' || substr(printf('%012x', ?2 + i), 9) || '-7000-8000-' || ?3`;
const COUNTED = `WITH RECURSIVE counted (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < ?4)`;
const FIRST_MS = 1_700_000_000_000;
const NEWER_MS = 1_800_000_000_000;

/** Written in this order; ?1 is the user. What they hold is as long as what is really there. */
const STATEMENTS = [
  `INSERT INTO file (id, user_id, name, bytes, mime_type, key, etag, version, created_at)
   ${COUNTED} SELECT ${PHOTO_ID}, ?1, 'IMG_' || (i * 7919 % 100003) || '.jpg', 3000000 + i * 7919 % 100003, 'image/jpeg',
     ?1 || '/' || ${PHOTO_ID} || '/1/original', 'd41d8cd98f00b204e9800998ecf8427e', 3, '2026-01-01T00:00:00.000Z' FROM counted`,
  `INSERT INTO image (id, user_id, original_name, bytes, status, generation, width, height, uploaded_at, processed_at,
     thumb_hash, dominant_colour)
   ${COUNTED} SELECT ${PHOTO_ID}, ?1, 'IMG_' || (i * 7919 % 100003) || '.jpg', 3000000 + i * 7919 % 100003, 'complete', 1,
     4000, 3000, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:05.000Z', '1QcSHQRnh493V4dIh4eXh1h4kJUI', '#3a6ea5' FROM counted`,
  ...SIZES.map(
    (size) => `INSERT INTO variant (image_id, name, format, key, width, height, bytes, etag)
     ${COUNTED} SELECT ${PHOTO_ID}, '${size}', 'webp', ?1 || '/' || ${PHOTO_ID} || '/1/${size}-' || ${PHOTO_ID} || '.webp',
     1920, 1440, 300000, 'd41d8cd98f00b204e9800998ecf8427e' FROM counted`,
  ),
];

/**
 * @param workers as startGateway answers them
 * @returns {Promise<{ count: number, headers: Record<string, string> }[]>} those who have so many photos, signed in
 */
export async function fillCollections(workers, { collections, others }) {
  const gateway = await workers.service("gateway");
  const database = await workers.database("images");
  await fill(database, { user: crypto.randomUUID(), mark: "ffffffffffff", first: NEWER_MS, count: others });
  const people = [];
  for (const [index, count] of collections.entries()) {
    const { userId, accessToken } = await signUp(gateway);
    await fill(database, { user: userId, mark: String(index).padStart(12, "0"), first: FIRST_MS, count });
    people.push({ count, headers: { Authorization: `Bearer ${accessToken}` } });
  }
  return people;
}

async function fill(database, { user, mark, first, count }) {
  for (const sql of STATEMENTS) await database.prepare(sql).bind(user, first, mark, count).run();
}

async function signUp(gateway) {
  const answer = await fetch(`${gateway}/api/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: `bench-${crypto.randomUUID()}@example.com`, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`Nobody could be signed up: ${await answer.text()}`);
  return answer.json();
}

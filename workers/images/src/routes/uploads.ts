import { Hono } from "hono";
import * as z from "zod";
import { UploadView } from "../../../../shared/contracts/images.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { BYTES, describe } from "../../../../shared/http/openapi.ts";
import { READS_KEY, TELLS_REPLAY } from "../../../../shared/idempotency/answer-once.ts";
import type { Env } from "../env.ts";
import { readFormUpload, readRawUpload } from "./read-upload.ts";
import { takeUpload } from "./take-upload.ts";

/** A form with the file in `image`, `file`, or the first part with a file name. */
const photoForm = { "multipart/form-data": z.object({ image: BYTES }).meta({ ref: "PhotoForm" }) };
const fileForm = { "multipart/form-data": z.object({ file: BYTES }).meta({ ref: "FileForm" }) };

const MADE = ["Location", TELLS_REPLAY] as const;

const RAW_BODY = {
  headers: {
    ...READS_KEY,
    "X-File-Name": "its name, percent-encoded",
    "Content-Disposition": "the same as `filename` or `filename*` (RFC 6266)",
  },
  queries: { name: "its name, where no header says it" },
};

/** Those of the doors whose body is the file, whatever type it says it has. */
export const RAW_DOORS = ["PUT /api/images", "PUT /api/files"];

/** The doors to one ingest (C9), under `/api`. */
export const uploadRoutes = new Hono<{ Bindings: Env }>();

uploadRoutes.put(
  "/images",
  describe({
    summary: "Upload a photo as the raw body",
    tags: ["images"],
    responds: { 202: UploadView },
    sends: { 202: MADE },
    takes: { "image/jpeg": BYTES, "image/png": BYTES, "image/webp": BYTES, "application/octet-stream": BYTES },
    ...RAW_BODY,
  }),
  requires("images:write"),
  (c) => takeUpload(c, "images", readRawUpload(c), 202),
);

uploadRoutes.post(
  "/images/upload",
  describe({
    summary: "Upload a photo as a form",
    tags: ["images"],
    responds: { 202: UploadView },
    sends: { 202: MADE },
    takes: photoForm,
    headers: READS_KEY,
  }),
  requires("images:write"),
  async (c) => takeUpload(c, "images", await readFormUpload(c), 202),
);

uploadRoutes.put(
  "/files",
  describe({
    summary: "Upload a file of any kind as the raw body",
    tags: ["files"],
    responds: { 201: UploadView },
    sends: { 201: MADE },
    takes: { "application/octet-stream": BYTES, "*/*": BYTES },
    ...RAW_BODY,
  }),
  requires("images:write"),
  (c) => takeUpload(c, "files", readRawUpload(c), 201),
);

uploadRoutes.post(
  "/files",
  describe({
    summary: "Upload a file of any kind as a form",
    tags: ["files"],
    responds: { 201: UploadView },
    sends: { 201: MADE },
    takes: fileForm,
    headers: READS_KEY,
  }),
  requires("images:write"),
  async (c) => takeUpload(c, "files", await readFormUpload(c), 201),
);

/** The door of the first source system, mounted as `/upload` and `/api/upload` (S0.27, S0.33). */
export const plainUploadRoutes = new Hono<{ Bindings: Env }>();

plainUploadRoutes.post(
  "/",
  describe({
    summary: "Upload a photo as a form",
    tags: ["images"],
    responds: { 201: UploadView },
    sends: { 201: MADE },
    takes: photoForm,
    headers: READS_KEY,
  }),
  requires("images:write"),
  async (c) => takeUpload(c, "images", await readFormUpload(c), 201),
);

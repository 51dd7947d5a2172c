import { join } from "node:path";
import {
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const PROTO_FOLDER = join(import.meta.dirname, "../../../workers/images/proto");

/** What a message is in JavaScript, as the loader makes it of the .proto. */
export type Message = Record<string, unknown>;

export interface Refused {
  /** Such as `NOT_FOUND`. */
  status: string;
  details: string;
  problem: string | undefined;
}

type Unary = (
  request: Message,
  metadata: Metadata,
  options: CallOptions,
  done: (error: ServiceError | null, answer: Message) => void,
) => { cancel(): void };
type ClientStream = (
  metadata: Metadata,
  options: CallOptions,
  done: (error: ServiceError | null, answer: Message) => void,
) => ClientDuplexStream<Message, Message>;
type ServerStream = (
  request: Message,
  metadata: Metadata,
  options: CallOptions,
) => AsyncIterable<Message> & { cancel(): void };

interface ImageDelivery extends Client {
  UploadImage: Unary;
  ListImages: Unary;
  GetImage: Unary;
  UploadImageStream: ClientStream;
  WatchImage: ServerStream;
}

/** A client of another language in spirit: HTTP/2, made at run time from the .proto alone. */
export class NativeClient {
  readonly #stub: ImageDelivery;
  readonly #metadata = new Metadata();

  constructor(port: number, credential: Record<string, string> = {}) {
    const definition = loadSync("halftone/images/v1/image_delivery.proto", {
      includeDirs: [PROTO_FOLDER],
      longs: Number,
      enums: String,
    });
    const loaded = loadPackageDefinition(definition) as unknown as {
      halftone: { images: { v1: { ImageDelivery: new (address: string, ...rest: unknown[]) => ImageDelivery } } };
    };
    const { ImageDelivery } = loaded.halftone.images.v1;
    this.#stub = new ImageDelivery(`localhost:${port}`, credentials.createInsecure(), {
      "grpc.max_send_message_length": -1,
    });
    for (const [name, value] of Object.entries(credential)) this.#metadata.set(name, value);
  }

  unary(method: "UploadImage" | "ListImages" | "GetImage", request: Message, deadlineMs = 30_000): Promise<Message> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + deadlineMs };
      this.#stub[method](request, this.#metadata, options, (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    });
  }

  /** Opens an upload in pieces; `answer` is what the service says in the end, or its refusal. */
  uploadStream(deadlineMs = 60_000): { stream: ClientDuplexStream<Message, Message>; answer: Promise<Message> } {
    let stream: ClientDuplexStream<Message, Message> | undefined;
    const answer = new Promise<Message>((resolve, reject) => {
      stream = this.#stub.UploadImageStream(this.#metadata, { deadline: Date.now() + deadlineMs }, (error, message) =>
        error ? reject(error) : resolve(message),
      );
    });
    return { stream: stream!, answer };
  }

  watch(id: string, deadlineMs = 60_000): AsyncIterable<Message> & { cancel(): void } {
    return this.#stub.WatchImage({ id }, this.#metadata, { deadline: Date.now() + deadlineMs });
  }

  /** Every message of a watch. */
  async watchAll(id: string): Promise<Message[]> {
    const messages: Message[] = [];
    for await (const message of this.watch(id)) messages.push(message);
    return messages;
  }

  close(): void {
    this.#stub.close();
  }
}

/** How a call was refused. */
export async function refusalOf(work: Promise<unknown>): Promise<Refused> {
  const error = await work.then(
    () => {
      throw new Error("The call was not refused.");
    },
    (reason: ServiceError) => reason,
  );
  const problem = error.metadata?.get("problem-code")[0];
  return { status: status[error.code] ?? String(error), details: error.details, problem: problem?.toString() };
}

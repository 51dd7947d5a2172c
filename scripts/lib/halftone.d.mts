export interface StartOptions {
  /** Port of the front door; any free one without it. */
  port?: number;
  /** Further ports of the same door. */
  extraPorts?: number[];
  /** Port of the bridge for native gRPC clients, any free one for 0; no bridge without it. */
  grpcPort?: number;
  /** Folder of all its data; the developer's own copy without it. */
  state?: string;
  /** Settings and secrets, over those of the environment. */
  vars?: Record<string, string>;
  /** Which Workers run; all without it. */
  services?: string[];
  /** Whether it runs from bundles that are kept; its sources are bundled and watched without it. */
  bundled?: boolean;
  /** Whether the local admin is made; true without it. */
  admin?: boolean;
  /** Folder through which Workers of several processes find each other; the copy's own without it. */
  registry?: string;
  /** Port of the debugger's protocol of all Workers but the resizer; any free one without it. */
  inspectorPort?: number;
  print?: (line: string) => void;
  onCrash?: (reason: string) => void;
}

export interface Halftone {
  url: string;
  port: number;
  /** Where native gRPC clients are served; undefined where they are not. */
  grpcPort: number | undefined;
  admin: { email: string; password: string } | undefined;
  /** Finishes the requests in flight, for at most `limitMs`, then stops; says how many had to be cut. */
  stop(limitMs?: number): Promise<number>;
  /** Ends everything at once, as a power cut would. */
  kill(): Promise<void>;
}

/** How long requests in flight may take to finish when a copy is stopped, in milliseconds. */
export const DRAIN_MS: number;

/** Sets up and starts a copy. Resolves when it answers; rejects with one sentence on what to do. */
export function startHalftone(options?: StartOptions): Promise<Halftone>;

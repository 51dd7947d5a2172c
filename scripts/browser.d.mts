export interface FoundBrowser {
  /** Where it was found, such as "system". */
  source: string;
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

/** Finds a browser that runs; rejects with the places that were tried and the ways to get one. */
export function resolveBrowser(): Promise<FoundBrowser>;

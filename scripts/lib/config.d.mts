/**
 * Writes a copy of a Worker's manifest with settings in it.
 * @param folder where all the copies lie
 * @param overrides vars and secrets by name
 * @param bundles the folder of ready bundles, which wrangler is to take as they are; it bundles the sources without it
 * @returns the copy's path
 */
export function writeConfig(
  service: string,
  folder: string,
  overrides: Record<string, string>,
  bundles?: string,
): string;

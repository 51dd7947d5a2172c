/** The bundles of all Workers, made once per state of the sources. @returns the folder with a folder of each Worker */
export function keptBundles(): Promise<string>;

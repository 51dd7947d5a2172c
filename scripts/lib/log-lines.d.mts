/** What a line of a process is: a Worker's log entry, or wrangler's own words. */
export function readLine(line: string): { entry: object; text?: undefined } | { text: string; entry?: undefined };

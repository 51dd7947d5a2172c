/** Every Worker by its short name. */
export const services: string[];

/** A Worker's manifest. */
export function manifestOf(service: string): string;

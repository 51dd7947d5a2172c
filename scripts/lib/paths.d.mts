/** Every Worker by its short name. */
export const services: string[];

export const REQUIRED_ROWS: string[];

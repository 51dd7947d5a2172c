/** The levels of `LOG_LEVEL`, quietest last. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Record<string, string | number | boolean | null | undefined>;

/**
 * Writes one JSON line. Callers pass ids, counts and codes, never environment, tokens or bodies.
 * JSON escaping keeps line breaks and control characters of user agents and names inside their string.
 */
export interface Logger {
  debug(msg: string, fields?: LogFields): void;
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
  /** The same logger with fields that stand in every line. */
  with(fields: LogFields): Logger;
}

interface LogSettings {
  SERVICE_NAME: string;
  LOG_LEVEL: string;
}

export function createLogger(settings: LogSettings, fixed: LogFields = {}): Logger {
  return new LineLogger(settings, fixed);
}

/** A class, because every request makes one and most write one line by it: methods that are shared cost nothing to make. */
class LineLogger implements Logger {
  readonly #settings: LogSettings;
  readonly #fixed: LogFields;

  constructor(settings: LogSettings, fixed: LogFields) {
    this.#settings = settings;
    this.#fixed = fixed;
  }

  debug(msg: string, fields?: LogFields) {
    this.#write("debug", msg, fields);
  }

  info(msg: string, fields?: LogFields) {
    this.#write("info", msg, fields);
  }

  warn(msg: string, fields?: LogFields) {
    this.#write("warn", msg, fields);
  }

  error(msg: string, fields?: LogFields) {
    this.#write("error", msg, fields);
  }

  with(fields: LogFields): Logger {
    return new LineLogger(this.#settings, { ...this.#fixed, ...fields });
  }

  #write(level: LogLevel, msg: string, fields: LogFields | undefined) {
    const { SERVICE_NAME, LOG_LEVEL } = this.#settings;
    const levels: readonly string[] = LOG_LEVELS;
    // A level that is none shows everything: a wrong setting must not hide the lines that tell of it.
    if (levels.indexOf(level) < levels.indexOf(LOG_LEVEL)) return;
    const line = { level, time: new Date().toISOString(), service: SERVICE_NAME, msg, ...this.#fixed, ...fields };
    console.log(JSON.stringify(line));
  }
}

/** A failed query's message ends in its parameters, which are somebody's data; a local database's in a stack. */
const ENDINGS = /\n(params: |\s+at )[\s\S]*$/;
const DESCRIPTION_MAX = 500;

/**
 * What may be logged of a thrown thing: its name and message, and those of its causes, each cut, without query
 * parameters and file paths. A query that failed says which it was; why, says its cause.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return cutShort(String(error));
  const text = cutShort(`${error.name}: ${error.message}`);
  const { cause } = error;
  // D1's errors have causes that say the same.
  const isToldAlready = cause instanceof Error && error.message.includes(cause.message);
  return cause === undefined || isToldAlready ? text : `${text} <- ${describeError(cause)}`;
}

function cutShort(text: string): string {
  return text.replace(ENDINGS, "").slice(0, DESCRIPTION_MAX);
}

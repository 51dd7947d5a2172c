// What every command shares: it checks Node, runs, and turns an expected failure into one sentence and exit code 1.

const OLDEST_NODE = 20;

/** An expected failure: its message is one sentence that says what to do. Anything else that is thrown is a bug. */
export class Stop extends Error {
  name = "Stop";
}

/**
 * Runs a command's main function and sets the exit code: the number it returns, or 1 after a Stop.
 * @param {() => Promise<number | undefined>} main
 */
export async function runCommand(main) {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < OLDEST_NODE) {
    console.error(
      `Halftone needs Node ${OLDEST_NODE} or newer and this is ${process.versions.node}: install a newer Node.`,
    );
    process.exit(1);
  }
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

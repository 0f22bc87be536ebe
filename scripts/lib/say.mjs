/** An expected failure of the tooling: a message for a person and an exit code, never a stack trace. */
export class Stop extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One line of progress, on stderr so that stdout stays the program's own. */
export function say(line) {
  process.stderr.write(`halligan: ${line}\n`);
}

/** Seconds since `startMs`, for people: `0.4 s`, `12 s`. */
export function since(startMs) {
  const seconds = (Date.now() - startMs) / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** The last lines of a tool's output, indented. */
export function tail(output, lines = 20) {
  return output
    .trimEnd()
    .split("\n")
    .slice(-lines)
    .map((line) => `  ${line}`)
    .join("\n");
}

/** Says an expected failure (also one of the system: a full disk, a folder that is read-only) and returns its exit code; throws anything else again. */
export function explain(error) {
  if (error instanceof Stop) {
    say(error.message);
    return error.exitCode;
  }
  if (typeof error?.syscall !== "string") throw error;
  say(`${error.message}. Check that this user may write here and that the disk is not full, then try again.`);
  return 2;
}

/** Process exit codes of the CLI (docs/protocol.md, "Exit codes"). */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 70;

/** What is known about a problem code before it happens; `docs/errors.md` is generated from these. */
export interface CodeEntry {
  /** Exit code of a command that ends with this problem. */
  readonly exit: ExitCode;
  /** What it means, one sentence. */
  readonly means: string;
  /** Likely causes, one sentence. */
  readonly cause: string;
  /** The next action, one imperative sentence. */
  readonly action: string;
}

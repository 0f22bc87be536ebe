import { type Code, codes } from "./problems/codes.ts";

/** A place in a file that a user wrote. Lines and columns count from 1. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The whole offending line, so that a front end can show it without reading the file again. */
  readonly text?: string;
}

/** A place in the cluster. Any prefix of node, role, step may be known. */
export interface ClusterPlace {
  readonly node?: string;
  readonly role?: string;
  readonly step?: string;
}

/** The one shape in which anything wrong is reported, everywhere (`docs/errors.md` has an entry per code). */
export interface Problem {
  readonly code: Code;
  /** What happened, one sentence, no secret values. */
  readonly message: string;
  readonly at?: FilePlace | ClusterPlace;
  /** The likely or underlying cause. */
  readonly cause?: string;
  /** The next action for the reader. */
  readonly hint: string;
  /** Where the code is explained: `docs/errors.md#code`. */
  readonly docs: string;
}

/** What a caller gives; hint and docs are filled in from the table of codes. */
export interface ProblemInput {
  readonly message: string;
  readonly at?: FilePlace | ClusterPlace | undefined;
  readonly cause?: string | undefined;
  readonly hint?: string | undefined;
}

/** Makes a problem of a known code. `hint` defaults to the code's standard next action. */
export function problem(code: Code, input: ProblemInput): Problem {
  return {
    code,
    message: input.message,
    ...(input.at === undefined ? {} : { at: input.at }),
    ...(input.cause === undefined ? {} : { cause: input.cause }),
    hint: input.hint ?? codes[code].action,
    docs: `docs/errors.md#${code.toLowerCase()}`,
  };
}

/** The only error class that Halligan throws on purpose. It carries one or more problems; the first names the class of exit. */
export class HalliganError extends Error {
  override readonly name = "HalliganError";
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(problems: readonly [Problem, ...Problem[]], options?: { cause?: unknown }) {
    super(problems.map(({ code, message, cause }) => `${code}: ${message}${cause === undefined ? "" : ` (${cause})`}`).join("\n"), options);
    this.problems = problems;
  }

  /** The code of the first problem. */
  get code(): Code {
    return this.problems[0].code;
  }
}

/** Makes a throwable error with a single problem. */
export function fail(code: Code, input: ProblemInput & { error?: unknown }): HalliganError {
  return new HalliganError([problem(code, input)], input.error === undefined ? {} : { cause: input.error });
}

/** True for an error of one of the given codes. */
export function hasCode(error: unknown, ...wanted: readonly Code[]): boolean {
  return error instanceof HalliganError && wanted.includes(error.code);
}

/** How a program that had the terminal came to its end. */
export type ProgramEnd =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "absent"; readonly program: string; readonly why: string };

/** The pager or editor that a person chose, or the usual one: a line for the shell, as it may have options of its own. */
export interface ChosenProgram {
  readonly kind: "pager" | "editor";
  readonly command: string;
  /** The variable that named it; `undefined` = nobody chose. */
  readonly variable: string | undefined;
}

const variables = { pager: ["PAGER"], editor: ["VISUAL", "EDITOR"] } as const;
const usual = {
  pager: "{ if command -v less >/dev/null 2>&1; then less -R; else more; fi; }",
  editor: "vi",
} as const;

/** What the environment says, as other programs take it: an empty variable counts as none. */
export function chosenProgram(kind: ChosenProgram["kind"], env: Readonly<Record<string, string | undefined>>): ChosenProgram {
  const variable = variables[kind].find((name) => (env[name] ?? "").trim() !== "");
  return { kind, command: variable === undefined ? usual[kind] : (env[variable] ?? "").trim(), variable };
}

/** What to tell after a pager or an editor; `undefined` = nothing. */
export function programWords({ kind, command, variable }: ChosenProgram, end: ProgramEnd): string | undefined {
  if (end.kind === "exit" && end.code === 0) return undefined;
  const name = variable === undefined ? `the ${kind}` : `\`${command}\` ($${variable})`;
  const set = `set $${variable ?? variables[kind][0]} to one that is there, such as \`export ${variable ?? variables[kind][0]}=${kind === "pager" ? "less" : "nano"}\``;
  // What a shell says of a program that it cannot start (POSIX, 2.8.2).
  if (end.kind === "exit" && end.code === 127)
    return variable === undefined ? `There is no ${kind} on this machine: ${set}.` : `${name} was not found: ${set}.`;
  if (end.kind === "exit" && end.code === 126) return `${name} cannot be started, perhaps it is not executable: ${set}.`;
  return `${name} ${endWords(end)}.`;
}

/** Exit code of ssh when it fails itself; any other is that of what was run on the node. */
const sshFailed = 255;

/** What to tell after a shell on a node; `undefined` = nothing: with which code a person leaves a shell says nothing. */
export function sshWords(node: string, end: ProgramEnd): string | undefined {
  if (end.kind === "absent") return `ssh could not be started here (${end.why}): install the OpenSSH client, or use \`halligan exec\`.`;
  if (end.kind === "killed") return `The shell on ${node} was ended by ${end.signal}.`;
  return end.code === sshFailed
    ? `ssh did not get to ${node}, or the connection broke; \`halligan doctor ${node}\` looks for the cause.`
    : undefined;
}

/** How a program ended. */
export function endWords(end: ProgramEnd): string {
  switch (end.kind) {
    case "exit":
      return `ended with exit code ${end.code}`;
    case "killed":
      return `was ended by ${end.signal}`;
    case "absent":
      return `could not be started: ${end.program}: ${end.why}`;
    default:
      return end satisfies never;
  }
}

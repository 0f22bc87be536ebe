import { resolve } from "node:path";
import { carryOut, type FrontContext } from "../core/commands/carry-out.ts";
import type { Answer, CommandDefinition } from "../core/commands/command.ts";
import { commandHelp, helpDocument } from "../core/commands/help.ts";
import { commands } from "../core/commands/registry.ts";
import { fail, HalliganError, type Problem, problem } from "../core/errors.ts";
import type { House } from "../core/house.ts";
import { codes } from "../core/problems/codes.ts";
import { type Globals, type Parsed, parseArguments } from "../core/commands/arguments.ts";
import { askPerson } from "./confirm.ts";
import { frontOf } from "./front.ts";
import { lazyLocal } from "./local/lazy.ts";
import { type Output, processOutput } from "./output.ts";
import { runPresenter } from "./live/presenter.ts";
import { processTerminal } from "./live/terminal.ts";
import { jsonPresenter, type Presenter } from "./presenter.ts";
import { renderProblems } from "./problems.ts";
import { programVersion } from "./program-version.ts";
import { renderAnswer } from "./render.ts";
import { safeJson, safeText } from "../core/words/safe-text.ts";
import { createScreen, type Screen } from "./screen.ts";
import { userName } from "./user-name.ts";

/** Runs one command line and ends the process with its exit code; tells before it does anything that the words were understood. */
export async function main(argv: readonly string[], understood: () => void): Promise<never> {
  const leaving = new AbortController();
  const output = processOutput(() => leaving.abort(new Error("nobody reads the output any more")));
  const parsed = parseArguments(argv, commands);
  const { plain } = parsed.globals;
  const outScreen = createScreen({ isTerminal: process.stdout.isTTY, columns: process.stdout.columns, plain, environment: process.env });
  const errScreen = createScreen({ isTerminal: process.stderr.isTTY, columns: process.stderr.columns, plain, environment: process.env });
  const session: Session = { parsed, output, outScreen, errScreen, leaving, understood };
  const lastResort = (error: unknown): void => {
    report(session, problemsOf(error, false), error);
    process.exit(70);
  };
  process.on("uncaughtException", lastResort);
  process.on("unhandledRejection", lastResort);
  let exit: number;
  try {
    exit = await serve(session);
  } catch (error) {
    exit = report(session, problemsOf(error, leaving.signal.aborted), error);
  }
  await output.flush();
  process.exit(process.exitCode ?? exit);
}

interface Session {
  readonly parsed: Parsed;
  readonly output: Output;
  readonly outScreen: Screen;
  readonly errScreen: Screen;
  readonly leaving: AbortController;
  readonly understood: () => void;
}

/** Answers what needs no command, else runs the command. */
async function serve(session: Session): Promise<number> {
  const { parsed, output, outScreen } = session;
  const { globals, words, command } = parsed;
  if (globals.version) {
    output.out(globals.json ? `${safeJson({ halligan: 1, kind: "version", version: programVersion() })}\n` : `${programVersion()}\n`);
    return 0;
  }
  const help = helpAnswer(parsed);
  if (help !== undefined) {
    session.understood();
    output.out(globals.json ? `${safeJson(help.document)}\n` : await renderAnswer(help, outScreen));
    return 0;
  }
  const [first, ...others] = parsed.problems;
  if (first !== undefined) throw new HalliganError([first, ...others]);
  if (command === undefined) throw fail("USAGE", { message: `There is no command \`${words.join(" ")}\`.` });
  session.understood();
  return run(session, command, parsed.args);
}

/** Help where it was asked for: `--help`, no command at all, or only the first word of a group. */
function helpAnswer({ globals, words, command, problems }: Parsed): Answer | undefined {
  if (command !== undefined) return globals.help ? { exit: 0, document: { ...commandHelp(command) } } : undefined;
  const prefix = words.join(" ");
  const isGroup = commands.some((each) => each.id.startsWith(`${prefix} `));
  if (problems.length > 0) return undefined;
  return prefix === "" || isGroup ? { exit: 0, document: { ...helpDocument(commands, prefix) } } : undefined;
}

async function run(session: Session, command: CommandDefinition, args: Readonly<Record<string, unknown>>): Promise<number> {
  const { parsed, output, outScreen, errScreen, leaving } = session;
  const { json } = parsed.globals;
  const presenter: Presenter = json
    ? jsonPresenter(command, output)
    : runPresenter({
        output,
        outScreen,
        errScreen,
        ...(outScreen.live && errScreen.live ? { terminal: processTerminal() } : {}),
        leave: () => leaving.abort(new Error("the person left")),
      });
  const stopListening = listen(presenter, leaving);
  const houses: Promise<House>[] = [];
  let answer: Answer;
  try {
    answer = await carryOut(command, createContext(session, presenter, houses), args);
  } finally {
    presenter.end();
    stopListening();
    for (const house of houses) await house.then((open) => open.close()).catch(() => undefined);
  }
  if (!json) output.out(await renderAnswer(answer, outScreen));
  else if (!(command.follows && presenter.events > 0)) await output.document(answer.document);
  return answer.exit;
}

/** Ctrl+C and ends of the terminal: the presenter may deal with the first; the next one leaves, one more ends the process at once. */
function listen(presenter: Presenter, leaving: AbortController): () => void {
  const leave = (): void => {
    if (leaving.signal.aborted) process.exit(6);
    leaving.abort(new Error("interrupted"));
  };
  const interrupt = (): void => {
    if (presenter.interrupt() === "leave") leave();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", leave);
  process.on("SIGHUP", leave);
  return () => {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", leave);
    process.off("SIGHUP", leave);
  };
}

function createContext(session: Session, presenter: Presenter, houses: Promise<House>[]): FrontContext {
  const { globals } = session.parsed;
  const clusterFile = resolve(globals.file ?? "cluster.yaml");
  const by = userName();
  return {
    async house() {
      if (houses[0] === undefined) houses.push(openHouse(clusterFile, globals));
      return houses[0] as Promise<House>;
    },
    local: lazyLocal(clusterFile, by, globals),
    pass: (passing) => presenter.pass(passing),
    ...(presenter.offerCancel === undefined ? {} : { offerCancel: presenter.offerCancel }),
    async confirm(confirmation) {
      return globals.yes ? true : askPerson(confirmation, session.leaving.signal);
    },
    signal: session.leaving.signal,
    by,
    front: frontOf(process.env),
    cwd: process.cwd(),
  };
}

async function openHouse(file: string, globals: Globals): Promise<House> {
  const { openLocalHouse } = await import("./house/open.ts");
  const { state, identity } = globals;
  return openLocalHouse({ file, ...(state === undefined ? {} : { state }), ...(identity === undefined ? {} : { identity }) });
}

/** Prints problems where they belong and gives the exit code. */
function report(session: Session, problems: readonly [Problem, ...Problem[]], error: unknown): number {
  const { parsed, output, errScreen } = session;
  if (parsed.globals.json) output.out(`${safeJson({ kind: "problems", problems })}\n`);
  else output.err(`${renderProblems(problems, errScreen).join("\n")}\n`);
  if (parsed.globals.trace && error instanceof Error) output.err(`${safeText(stackOf(error))}\n`);
  return codes[problems[0].code].exit;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

/** Problems of anything that was thrown: what is not a known problem is a defect, or the person has left. */
function problemsOf(error: unknown, left: boolean): readonly [Problem, ...Problem[]] {
  if (error instanceof HalliganError) return error.problems;
  if (left) return [problem("INTERRUPTED", { message: "The command was interrupted." })];
  return [
    problem("BUG", {
      message: "Halligan met a state that should be impossible.",
      cause: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    }),
  ];
}

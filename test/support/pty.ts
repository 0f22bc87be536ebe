import { type IPty, spawn } from "@lydell/node-pty";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import headless from "@xterm/headless";
import { entry, node } from "../cli/run-cli.ts";

/** How a program in a terminal is started. */
export interface PtyOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What is run instead of `halligan` from its sources: program and first arguments. */
  readonly program?: readonly [string, ...string[]];
}

/** One character of the screen as it looks; `colour` is one of the terminal's sixteen, `undefined` its usual one. */
export interface ScreenCell {
  readonly text: string;
  /** Columns it takes: 2 for wide ones, 0 for what stands behind those. */
  readonly width: number;
  readonly colour: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
}

/** A program in a real pseudo terminal, seen through a terminal emulator. Tests wait for what is on the screen, never for time. */
export interface PtyProgram extends AsyncDisposable {
  readonly pid: number;
  /** Everything it has written, escape sequences and all. */
  readonly raw: () => string;
  /** The rows of the screen, without spaces at their ends. */
  screen(): readonly string[];
  /** The rows of the screen, cell by cell. */
  cells(): readonly (readonly ScreenCell[])[];
  /** Waits until the screen shows a text or fits a pattern. */
  see(what: string | RegExp, deadlineMs?: number): Promise<void>;
  /** Waits until the screen no longer shows it. */
  gone(what: string | RegExp): Promise<void>;
  /** Waits until something is so; looked at after each output. */
  until(isSo: () => boolean, deadlineMs?: number): Promise<void>;
  /** Types keys, each as a piece of its own: `j`, `\r`, `\u001b[B`. */
  press(...keys: readonly string[]): void;
  /** Pastes as a terminal with bracketed paste does. */
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  /** Stops reading what it writes, as a terminal that hangs does; `resume` goes on. */
  stall(): void;
  resume(): void;
  kill(signal: NodeJS.Signals): void;
  readonly exit: Promise<{ readonly code: number; readonly signal: number }>;
}

/** Starts `halligan` with arguments in a terminal. */
export function openPty(args: readonly string[], options: PtyOptions): PtyProgram {
  const [columns, rows] = [options.columns ?? 100, options.rows ?? 30];
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: options.cwd,
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    ...options.env,
  };
  const [program, ...first] = options.program ?? [node, entry];
  const child: IPty = spawn(program, [...first, ...args], { name: env.TERM, cols: columns, rows, cwd: options.cwd, env });
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200 });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  terminal.unicode.activeVersion = "15-graphemes";
  let raw = "";
  const waiting = new Set<() => void>();
  child.onData((data) => {
    raw += data;
    terminal.write(data, () => {
      for (const look of waiting) look();
    });
  });
  let ended = false;
  const exit = new Promise<{ readonly code: number; readonly signal: number }>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      ended = true;
      resolve({ code: exitCode, signal: signal ?? 0 });
      for (const look of waiting) look();
    });
  });

  function screen(): readonly string[] {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? "");
  }

  function cells(): readonly (readonly ScreenCell[])[] {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) =>
      Array.from({ length: terminal.cols }, (__, column): ScreenCell => {
        const cell = active.getLine(active.viewportY + row)?.getCell(column);
        return {
          text: cell?.getChars() || " ",
          width: cell?.getWidth() ?? 1,
          colour: cell?.isFgPalette() === true ? cell.getFgColor() : undefined,
          bold: (cell?.isBold() ?? 0) !== 0,
          dim: (cell?.isDim() ?? 0) !== 0,
          inverse: (cell?.isInverse() ?? 0) !== 0,
        };
      }),
    );
  }

  const shows = (what: string | RegExp): boolean => {
    const text = screen().join("\n");
    return typeof what === "string" ? text.includes(what) : what.test(text);
  };

  async function until(isSo: () => boolean, what: string, deadlineMs: number): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => done(new Error(`${what}\n${screen().join("\n")}`)), deadlineMs);
      const look = (): void => {
        if (isSo()) done();
        else if (ended) done(new Error(`the program has ended; ${what}\n${screen().join("\n")}\n${raw.slice(-2_000)}`));
      };
      waiting.add(look);
      function done(error?: Error): void {
        clearTimeout(timer);
        waiting.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      }
    });
  }

  return {
    pid: child.pid,
    raw: () => raw,
    screen,
    cells,
    see: (what, deadlineMs = 30_000) => until(() => shows(what), `never seen: ${String(what)}`, deadlineMs),
    gone: (what) => until(() => !shows(what), `still there: ${String(what)}`, 30_000),
    until: (isSo, deadlineMs = 30_000) => until(isSo, "it never was so", deadlineMs),
    press(...keys) {
      for (const key of keys) child.write(key);
    },
    paste: (text) => child.write(`\u001b[200~${text}\u001b[201~`),
    resize(nextColumns, nextRows) {
      terminal.resize(nextColumns, nextRows);
      child.resize(nextColumns, nextRows);
    },
    stall: () => child.pause(),
    resume: () => child.resume(),
    kill: (signal) => process.kill(child.pid, signal),
    exit,
    async [Symbol.asyncDispose]() {
      if (!ended) process.kill(child.pid, "SIGKILL");
      await exit;
      terminal.dispose();
    },
  };
}

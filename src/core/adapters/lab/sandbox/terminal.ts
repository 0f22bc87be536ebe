import { spawn } from "node:child_process";
import type { ServerChannel } from "ssh2";
import { enter, type NodeEnvironment, type NodeProcesses, reportEnd, startInNode } from "./exec.ts";

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A pseudo-terminal inside a node. */
export interface Terminal {
  resize(size: TerminalSize): void;
}

/** What runs on the terminal: a command, or a login shell. */
export interface TerminalRequest {
  readonly command?: string;
  readonly size: TerminalSize;
  readonly env: NodeEnvironment;
}

// `script` makes the terminal; the inner shell notes its name and process group, so that the client's resizes and hang-up can reach it.
const INNER = `printf '%s %s\\n' "$(tty)" "$$" > "$TTY_NOTE"
[ "$TTY_SIZE" = "0 0" ] || stty rows "\${TTY_SIZE% *}" cols "\${TTY_SIZE#* }"
unset TTY_NOTE TTY_SIZE
cd "$HOME" 2>/dev/null || cd /
[ -n "$TTY_COMMAND" ] || { unset TTY_COMMAND; if command -v bash >/dev/null 2>&1; then exec bash -l; fi; exec sh -l; }
exec sh -c 'c=$TTY_COMMAND; unset TTY_COMMAND; eval "$c"'`;

let opened = 0;

function sizeText(size: TerminalSize): string {
  return `${size.rows} ${size.columns}`;
}

/** Opens a pseudo-terminal in a node and connects it to the channel. When the client goes away, the terminal hangs up as a real one does. */
export async function openTerminal(node: NodeProcesses, channel: ServerChannel, request: TerminalRequest): Promise<Terminal> {
  opened += 1;
  const note = `/run/tty-note.${opened}`;
  const env = { ...request.env, TTY_NOTE: note, TTY_SIZE: sizeText(request.size), TTY_COMMAND: request.command ?? "", TTY_INNER: INNER };
  const terminal = await startInNode(node, ["setsid", "script", "-qefc", 'eval "unset TTY_INNER; $TTY_INNER"', "/dev/null"], env);
  channel.pipe(terminal.stdin);
  terminal.stdout.pipe(channel, { end: false });
  terminal.stderr.pipe(channel.stderr, { end: false });
  const inNode = (text: string): void => {
    spawn("nsenter", enter(node.init, ["/bin/sh", "-c", text, "sh", note]), { env: request.env, stdio: "ignore", cwd: "/" }).on(
      "error",
      () => undefined,
    );
  };
  channel.once("close", () => {
    const over = terminal.child.exitCode !== null || terminal.child.signalCode !== null;
    inNode(over ? 'rm -f "$1"' : 'read -r tty pid < "$1"; rm -f "$1"; kill -HUP "-$pid"');
    for (const stream of [terminal.stdin, terminal.stdout, terminal.stderr]) stream.destroy();
  });
  reportEnd(terminal, channel);
  return {
    resize: (size) => inNode(`read -r tty pid < "$1"; stty -F "$tty" rows ${Math.trunc(size.rows)} cols ${Math.trunc(size.columns)}`),
  };
}

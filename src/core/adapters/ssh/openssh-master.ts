import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { fail, type HalliganError } from "../../errors.ts";
import type { SshTarget } from "../../ports.ts";
import { explainOpenssh } from "./openssh-report.ts";
import { Deadline } from "./retry.ts";
import { saidNothing, unreachable } from "./socket.ts";

const maxReportBytes = 65_536;
const stopGraceMs = 1_000;

// Ends ssh when our end of its stdin closes, so that no connection outlives an engine that was killed. A background command of sh has no
// stdin of its own, hence the descriptor 3.
const leash =
  'exec 3<&0; "$@" </dev/null 3<&- & ssh=$!; { read _ <&3; kill $ssh 2>/dev/null; } & watcher=$!; exec 3<&-; wait $ssh; code=$?; kill $watcher 2>/dev/null; exit $code';
const notFound = 127; // what sh exits with when there is no such program

/** An `ssh` process that holds an authenticated connection and serves a control socket. */
export interface Master {
  /** Path of the control socket. */
  readonly socket: string;
  /** Settles with the reason when the process has ended. */
  readonly gone: Promise<string>;
  isGone(): boolean;
  /** True once when the server reported a signal as the end of the command on this channel. */
  takeSignalled(channel: number): boolean;
  stop(): Promise<void>;
}

/** Environment of `ssh`: messages in English, no way to ask somebody for a secret. */
export function sshEnvironment(): NodeJS.ProcessEnv {
  const { SSH_ASKPASS: _askpass, DISPLAY: _display, ...rest } = process.env;
  return { ...rest, LC_ALL: "C", SSH_ASKPASS_REQUIRE: "never" };
}

/**
 * Starts the master and waits until it is logged in. Problems: those of `explainOpenssh`, `OPENSSH_MISSING`. Rejects with the signal's reason
 * when that aborts first.
 */
export async function startMaster(
  target: SshTarget,
  program: string,
  args: readonly string[],
  socket: string,
  signal: AbortSignal,
): Promise<Master> {
  signal.throwIfAborted();
  const child = spawn("sh", ["-c", leash, "sh", program, ...args], { stdio: "pipe", env: sshEnvironment() });
  child.stdin.on("error", () => undefined);
  const report = follow(child);
  const ended = new Promise<number>((resolve) => child.once("error", () => resolve(notFound)).once("close", (code) => resolve(code ?? -1)));
  const ready = new Promise<"ready">((resolve) => child.stdout?.once("data", () => resolve("ready")));
  const aborted = Promise.withResolvers<"aborted">();
  const onAbort = (): void => aborted.resolve("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  const outcome = await Promise.race([ready, ended, aborted.promise]);
  signal.removeEventListener("abort", onAbort);
  if (outcome === "aborted") {
    child.stdin.destroy();
    throw signal.reason instanceof Deadline ? tooLate(target, report.text()) : signal.reason;
  }
  if (outcome === notFound) throw fail("OPENSSH_MISSING", { message: `\`${program}\` cannot be started.`, cause: report.last() });
  if (outcome !== "ready") throw await explainOpenssh(target, report.text());
  return running(child, socket, report, ended);
}

function tooLate(target: SshTarget, text: string): HalliganError {
  const seconds = target.connectTimeoutMs / 1000;
  if (text.includes("Remote protocol version"))
    return unreachable(target, `The SSH server answered, but did not let us in within ${seconds} s.`);
  if (text.includes("Connection established")) return saidNothing(target);
  return unreachable(target, `No answer within ${seconds} s: it is down, or a firewall drops the packets.`);
}

interface Report {
  text(): string;
  /** The last line that is not debug output. */
  last(): string | undefined;
  takeSignalled(channel: number): boolean;
}

/** Reads the master's debug output for as long as it lives, keeping only what is asked for later. */
function follow(child: ChildProcess): Report {
  let text = "";
  let rest = "";
  let last: string | undefined;
  const signalled = new Set<number>();
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    if (text.length < maxReportBytes) text += chunk;
    const lines = (rest + chunk).split(/\r?\n/);
    rest = (lines.pop() ?? "").slice(-4_096);
    for (const line of lines) {
      const killed = /client_input_channel_req: channel (\d+) rtype exit-signal/.exec(line)?.[1];
      if (killed !== undefined) signalled.add(Number(killed));
      else if (line !== "" && !/^(debug\d:|OpenSSH_|Transferred: |Bytes per second: )/.test(line)) last = line;
    }
  });
  return { text: () => text, last: () => last, takeSignalled: (channel) => signalled.delete(channel) };
}

function running(child: ChildProcess, socket: string, report: Report, ended: Promise<number>): Master {
  let over = false;
  const gone = ended.then(() => {
    over = true;
    return report.last() ?? "ssh ended";
  });
  child.stdout?.resume();
  return {
    socket,
    gone,
    isGone: () => over,
    takeSignalled: report.takeSignalled,
    async stop() {
      child.stdin?.destroy();
      const timer = setTimeout(() => child.kill("SIGKILL"), stopGraceMs);
      await gone;
      clearTimeout(timer);
      await rm(socket, { force: true });
    },
  };
}

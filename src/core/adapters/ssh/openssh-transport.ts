import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, HalliganError, type Problem, problem } from "../../errors.ts";
import type { Connection, Exit, Input, RemoteCommand, SshTarget, Transport } from "../../ports.ts";
import { createChannelGate } from "./channel-gate.ts";
import { findPins } from "./host-key-verdict.ts";
import { awaitStart, type MuxClient, runOverMux } from "./openssh-command.ts";
import { type Master, sshEnvironment, startMaster } from "./openssh-master.ts";
import { commandArguments, masterArguments } from "./openssh-options.ts";
import { ensureKnownHosts } from "./pin.ts";
import { isEncrypted, readKey } from "./private-keys.ts";
import { Deadline, type SshDeps, withRetries } from "./retry.ts";
import { unreachable } from "./socket.ts";

const newsMs = 250; // the master's log arrives by another pipe than the end of the command
const refusedTries = 3;
const refusedPauseMs = 50;

/** How the system's `ssh` is used. */
export interface OpensshOptions {
  /** The program; default `ssh`. */
  readonly program?: string;
  /** `-F`; default `none`, so that nothing of `~/.ssh/config` counts. */
  readonly configFile?: string;
}

/**
 * The transport that drives the system's `ssh`, for certificates, FIDO keys and what ssh2 lacks. Same contract, with these differences: no
 * passwords and no passphrases (encrypted keys come from the agent), and the name of a signal that ended a command is not known.
 * Problems: as the other transport, and `OPENSSH_MISSING`, `OPENSSH_NO_PASSWORD`.
 */
export function createOpensshTransport(deps: SshDeps, options: OpensshOptions = {}): Transport {
  const program = options.program ?? "ssh";
  let serial = 0;

  const open = async (target: SshTarget, jumps: readonly SshTarget[], dir: string, signal: AbortSignal): Promise<Master> => {
    await refuseWhatCannotWork(target);
    const last = jumps.at(-1);
    const jump = last === undefined ? undefined : await open(last, jumps.slice(0, -1), dir, signal);
    try {
      const socket = join(dir, `m${serial++}`);
      const pinned = (await findPins(target)).lines.some((line) => line.kind !== "revoked");
      // ssh itself would make it readable for everybody
      if (target.hostKeys === "accept-new" && !pinned) await ensureKnownHosts(target.knownHosts.file);
      const args = masterArguments({ target, socket, via: jump?.socket, configFile: options.configFile ?? "none", pinned, program });
      const master = await withRetries(deps, signal, () => startMaster(target, program, args, socket, signal));
      if (jump !== undefined) void master.gone.then(() => jump.stop());
      return master;
    } catch (error) {
      await jump?.stop();
      throw error;
    }
  };

  return {
    async connect(target, signal) {
      // short, because the path of a socket may have about 100 bytes; 0700 by mkdtemp
      const dir = mkdtempSync(join(tmpdir(), "hg-"));
      const remove = (): void => rmSync(dir, { recursive: true, force: true });
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(new Deadline("deadline")), target.connectTimeoutMs);
      try {
        const both = signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]);
        const master = await open(target, target.jumps, dir, both);
        void master.gone.then(remove);
        return connectionOver(target, master, (log, command) => spawnMux(program, master.socket, join(dir, log), command));
      } catch (error) {
        remove();
        throw error instanceof Deadline ? unreachable(target, `No SSH connection within ${target.connectTimeoutMs / 1000} s.`) : error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function refuseWhatCannotWork(target: SshTarget): Promise<void> {
  const problems: Problem[] = [];
  if (target.password !== undefined) {
    problems.push(
      problem("OPENSSH_NO_PASSWORD", {
        message: `A password is given for ${target.node}, which \`transport: openssh\` cannot use.`,
        at: { node: target.node },
      }),
    );
  }
  for (const file of target.keys) {
    const found = await readKey(file);
    if ("problem" in found) problems.push(found.problem);
    else if (target.agent === undefined && isEncrypted(found.text)) {
      const message = `The private key ${file} is encrypted; \`transport: openssh\` uses encrypted keys from an agent only.`;
      problems.push(
        problem("PASSPHRASE_NEEDED", { message, hint: `Load it with \`ssh-add ${file}\` and name the agent, or use \`transport: ssh2\`.` }),
      );
    }
  }
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
}

function spawnMux(program: string, socket: string, log: string, command: string): MuxClient {
  const child = spawn(program, commandArguments(socket, log, command), { stdio: "pipe", env: sshEnvironment() });
  const over = new Promise<void>((resolve) => child.once("error", () => resolve()).once("close", () => resolve()));
  return { child, log, over };
}

function connectionOver(target: SshTarget, master: Master, start: (log: string, command: string) => MuxClient): Connection {
  const gate = createChannelGate();
  let serial = 0;
  void master.gone.then((why) => gate.end(lost(target, why)));

  const attempt = async (command: string, stdin: Input | undefined): Promise<RemoteCommand | "refused" | "dead"> => {
    const mux = start(`c${serial++}`, command);
    const started = await awaitStart(mux);
    switch (started.kind) {
      case "started":
        return runOverMux(mux, stdin, () => howItEnded(master, started.channel));
      case "unknown":
        return runOverMux(mux, undefined, () => howItEnded(master, undefined));
      case "refused":
      case "dead":
        mux.child.kill("SIGKILL");
        return started.kind;
    }
  };

  return {
    closed: master.gone,
    async exec(command, options) {
      for (let tries = 0; ; ) {
        const leave = await gate.enter();
        const result = master.isGone() ? "dead" : await attempt(command, options?.stdin);
        if (result === "dead") {
          leave();
          // a master that still lives but does not answer is of no use any more
          await master.stop();
          throw lost(target, await master.gone);
        }
        if (result !== "refused") {
          void result.exit.then(leave);
          return result;
        }
        const narrower = gate.refused();
        leave();
        if (narrower) continue;
        if (++tries >= refusedTries)
          throw fail("CHANNEL_REFUSED", {
            message: `The SSH server of ${target.node} refused to run a command.`,
            at: { node: target.node },
          });
        await sleep(refusedPauseMs);
      }
    },
    close: () => master.stop(),
  };
}

/** Asks the master how a command without an exit code ended; `channel` is unknown when its start was never confirmed. */
async function howItEnded(master: Master, channel: number | undefined): Promise<Exit> {
  for (let waited = 0; waited < newsMs && !master.isGone(); waited += 10) {
    if (channel !== undefined && master.takeSignalled(channel)) return { kind: "signalled", signal: "unknown" };
    await sleep(10);
  }
  if (channel !== undefined && master.takeSignalled(channel)) return { kind: "signalled", signal: "unknown" };
  return {
    kind: "lost",
    reason: master.isGone() ? `the connection was lost: ${await master.gone}` : "the channel closed without an exit code",
  };
}

function lost(target: SshTarget, why: string): HalliganError {
  return fail("CONNECTION_LOST", {
    message: `The connection to ${target.node} was lost before the command was started.`,
    cause: why,
    at: { node: target.node },
  });
}

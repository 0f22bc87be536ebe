import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { ServerChannel } from "ssh2";
import { childrenOf } from "../processes.ts";
import type { PipeMaker } from "./pipes.ts";

/** The environment a command of a node starts with. */
export type NodeEnvironment = Readonly<Record<string, string>>;

/** What is needed to run commands in a node. */
export interface NodeProcesses {
  /** Host pid of the node's first process. */
  readonly init: number;
  readonly pipes: PipeMaker;
}

/** Arguments of nsenter for running a program inside the node's namespaces. */
export function enter(init: number, command: readonly string[]): readonly string[] {
  const namespaces = ["--user", "--preserve-credentials", "--mount", "--pid", "--ipc", "--uts"];
  return ["--target", String(init), ...namespaces, "--", ...command];
}

// As sshd does: in a session of its own, from the home directory, through the login shell.
const LOGIN = ["setsid", "/bin/sh", "-c", `cd "$HOME" 2>/dev/null || cd /; exec /bin/sh -c "$1"`, "sh"];

/** A command of a node whose three streams are real pipes. */
export interface NodeCommand {
  readonly child: ChildProcess;
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
}

/** Starts a program inside a node. */
export async function startInNode(node: NodeProcesses, command: readonly string[], env: NodeEnvironment): Promise<NodeCommand> {
  const [input, output, errors] = await Promise.all([node.pipes.make(), node.pipes.make(), node.pipes.make()]);
  const child = spawn("nsenter", enter(node.init, command), {
    stdio: [input.read, output.write, errors.write],
    env,
    cwd: "/",
    detached: true,
  });
  child.on("error", () => undefined);
  for (const descriptor of [input.read, output.write, errors.write]) closeSync(descriptor);
  const quiet = (socket: Socket): Socket => socket.on("error", () => undefined);
  return {
    child,
    stdin: quiet(new Socket({ fd: input.write, readable: false, writable: true })),
    stdout: quiet(new Socket({ fd: output.read, readable: true, writable: false })),
    stderr: quiet(new Socket({ fd: errors.read, readable: true, writable: false })),
  };
}

/** Reports the end to the client: the exit status when the process ends, the end of the channel when both outputs have ended. */
export function reportEnd(command: NodeCommand, channel: ServerChannel): void {
  const exited = new Promise<void>((resolve) => {
    command.child.once("error", () => {
      channel.exit(127);
      resolve();
    });
    command.child.once("exit", (code, signal) => {
      if (signal === null) channel.exit(code ?? 255);
      else channel.exit(signal.slice(3), false, "");
      resolve();
    });
  });
  const drained = [command.stdout, command.stderr].map((stream) => new Promise<void>((resolve) => stream.once("close", () => resolve())));
  void Promise.all([exited, ...drained]).then(() => channel.end());
}

/** Runs a client's command: streams both ways with flow control. A client that goes away does not end the command, it only closes its pipes. */
export async function runCommand(node: NodeProcesses, channel: ServerChannel, text: string, env: NodeEnvironment): Promise<NodeCommand> {
  const command = await startInNode(node, [...LOGIN, text], env);
  channel.pipe(command.stdin);
  command.stdout.pipe(channel, { end: false });
  command.stderr.pipe(channel.stderr, { end: false });
  channel.once("close", () => {
    command.stdin.destroy();
    command.stdout.destroy();
    command.stderr.destroy();
  });
  reportEnd(command, channel);
  return command;
}

/** Sends a signal to the process group of a running command, as `session` signal requests do. */
export function signalCommand(command: NodeCommand, name: NodeJS.Signals): void {
  const leader = childrenOf(command.child.pid ?? 0)[0];
  if (leader === undefined) return;
  try {
    process.kill(-leader, name);
  } catch {
    // The command ended meanwhile.
  }
}

import { spawn } from "node:child_process";
import type { LoadedCluster } from "../../core/house.ts";
import type { SshTarget } from "../../core/ports.ts";
import { createTargets } from "../house/targets.ts";
import type { Foreground } from "../../tui/ports.ts";
import { type ChosenProgram, type ProgramEnd, chosenProgram, endWords, programWords, sshWords } from "./programs.ts";
import { childEnvironment, commandArguments, fromTui } from "./runner.ts";
import type { TuiPlace } from "./tui.ts";

/** What other programs are started with. */
export interface ForegroundOptions {
  readonly place: TuiPlace;
  readonly folder: string;
  load(): Promise<LoadedCluster>;
}

/** Runs a program that gets the terminal, and tells what went wrong with it. */
export function createForeground({ place, folder, load }: ForegroundOptions): (what: Foreground) => Promise<string | undefined> {
  const { env } = process;
  return async (what) => {
    switch (what.kind) {
      case "pager":
        return await page(chosenProgram("pager", env), (command) => shell(command, [], what.text));
      case "paged":
        return await page(chosenProgram("pager", env), (command) =>
          shell(`"$@" | ${command}`, [process.execPath, ...commandArguments(place, what.argv)]),
        );
      case "editor": {
        const editor = chosenProgram("editor", env);
        const at = what.line === undefined ? [] : [`+${what.line}`];
        return programWords(editor, await shell(`${editor.command} "$@"`, [...at, what.file]));
      }
      case "command": {
        const end = await start(process.execPath, commandArguments(place, what.argv));
        await pause();
        return end.kind === "exit" && end.code === 0 ? undefined : `${what.argv.join(" ")} ${endWords(end)}.`;
      }
      case "shell": {
        const { cluster } = await load();
        const node = cluster.nodes.find(({ name }) => name === what.node);
        if (node === undefined) return `There is no node ${what.node} in the cluster file any more.`;
        const { password: _, passphrase: __, ...ssh } = node.ssh; // ssh asks for these itself
        const target = await createTargets({ folder, environment: env, ask: async () => undefined }).target({ ...node, ssh });
        const said = sshWords(node.name, await start("ssh", sshArguments(target)));
        if (said !== undefined) await pause(); // what ssh said would be gone with the screen
        return said;
      }
      default:
        return what satisfies never;
    }
  };
}

/** A pager that shows a short text and ends at once, such as `cat` or `less -F`, would leave no time to read it. */
const quickMs = 700;

async function page(pager: ChosenProgram, run: (command: string) => Promise<ProgramEnd>): Promise<string | undefined> {
  const began = performance.now();
  const end = await run(pager.command);
  const said = programWords(pager, end);
  if (said === undefined && performance.now() - began < quickMs) await pause();
  return said;
}

/** The same machine, user, keys and host keys that the engine uses. */
function sshArguments(target: SshTarget): readonly string[] {
  const known = [target.knownHosts.file, ...target.knownHosts.alsoRead].join(" ");
  const options = [`UserKnownHostsFile=${known}`, `StrictHostKeyChecking=${target.hostKeys === "accept-new" ? "accept-new" : "yes"}`];
  const jumps = target.jumps.map(({ user, address, port }) => `${user}@${address}:${port}`).join(",");
  return [
    "-t",
    ...["-p", `${target.port}`],
    ...target.keys.flatMap((key) => ["-i", key]),
    ...options.flatMap((option) => ["-o", option]),
    ...(jumps === "" ? [] : ["-J", jumps]),
    ...["-l", target.user, "--", target.address],
  ];
}

async function shell(command: string, words: readonly string[], input?: string): Promise<ProgramEnd> {
  return await start("/bin/sh", ["-c", command, "sh", ...words], input);
}

async function start(program: string, words: readonly string[], input?: string): Promise<ProgramEnd> {
  return await new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: [input === undefined ? "inherit" : "pipe", "inherit", "inherit"],
      env: childEnvironment(program === process.execPath ? fromTui : {}),
    });
    child.on("error", (error: NodeJS.ErrnoException) => resolve({ kind: "absent", program, why: error.code ?? error.message }));
    child.on("close", (code, signal) => resolve(code === null ? { kind: "killed", signal: `${signal}` } : { kind: "exit", code }));
    child.stdin?.on("error", () => undefined); // the pager was left before its end
    child.stdin?.end(input);
  });
}

/** What a command printed can be read before the screen comes back. */
async function pause(): Promise<void> {
  await start("/bin/sh", ["-c", 'printf "\\n[enter goes back to the terminal UI] "; read -r _']);
}

const mostForClipboard = 74_000;

/** Hands a text to the terminal (OSC 52); whether it takes it nobody can tell. */
export function copyToTerminal(text: string): boolean {
  const encoded = Buffer.from(text).toString("base64");
  if (encoded.length > mostForClipboard) return false;
  const sequence = `\u001b]52;c;${encoded}\u0007`;
  // tmux takes it itself where `set-clipboard` is on, and hands it on to the terminal outside where `allow-passthrough` is: both are tried.
  const passed = process.env["TMUX"] ? `\u001bPtmux;${sequence.replaceAll("\u001b", "\u001b\u001b")}\u001b\\` : "";
  process.stdout.write(sequence + passed);
  return true;
}

/** Stops this process as Ctrl+Z does; resolves when it goes on. */
export async function suspendSelf(): Promise<void> {
  const resumed = new Promise<void>((resolve) => process.once("SIGCONT", () => resolve()));
  process.kill(process.pid, "SIGTSTP");
  await resumed;
}

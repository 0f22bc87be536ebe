import { spawn } from "node:child_process";
import type { LabNode, LabStatus } from "../../src/core/adapters/lab/types.ts";

/** What a command on a lab node came to. */
export interface SshResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Arguments of OpenSSH's client for a lab node: the lab's key and pinned host keys, nothing of this machine's. */
export function sshArguments(lab: LabStatus, node: LabNode, user = "root"): readonly string[] {
  const options = ["IdentitiesOnly=yes", "BatchMode=yes", "StrictHostKeyChecking=yes", "GlobalKnownHostsFile=/dev/null", "LogLevel=ERROR"];
  const files = [`UserKnownHostsFile=${lab.knownHosts}`, `IdentityFile=${lab.key}`];
  return ["-F", "none", ...[...options, ...files].flatMap((each) => ["-o", each]), "-p", String(node.port), `${user}@${node.address}`];
}

/** Runs a command on the n-th node (from 1) with the system's `ssh`. */
export async function onNode(lab: LabStatus, index: number, command: string, stdin: string | Uint8Array = ""): Promise<SshResult> {
  const node = lab.nodes[index - 1];
  if (node === undefined) throw new Error(`the lab has no node ${index}`);
  const child = spawn("ssh", [...sshArguments(lab, node), command], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  const collect = async (stream: NodeJS.ReadableStream): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString();
  };
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const [stdout, stderr, code] = await Promise.all([collect(child.stdout), collect(child.stderr), ended]);
  return { code, stdout, stderr };
}

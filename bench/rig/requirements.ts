import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Something the machine lacks or forbids; told to the person without a stack trace. */
export class Missing extends Error {}

const needed = [
  { command: "sshd", from: "openssh-server" },
  { command: "ssh", from: "openssh-client" },
  { command: "ssh-keygen", from: "openssh-client" },
  { command: "unshare", from: "util-linux" },
  { command: "setpriv", from: "util-linux" },
  { command: "chroot", from: "coreutils" },
  { command: "xargs", from: "findutils" },
  { command: "tar", from: "tar" },
] as const;

/** What the peers need beside it; the last two are Python modules, looked for by file. */
const peersNeed = [
  { command: "ansible-playbook", from: "ansible-core" },
  { command: "/usr/lib/python3/dist-packages/apt/__init__.py", from: "python3-apt" },
  { command: "/usr/lib/python3/dist-packages/ansible_mitogen/__init__.py", from: "ansible-mitogen" },
] as const;

/** The folders where commands are looked for; servers lie in those that are not on everybody's PATH. */
export const searchPath = [process.env["PATH"] ?? "", "/usr/local/sbin", "/usr/sbin", "/sbin"].join(delimiter);

/** Sees to it that real OpenSSH servers in namespaces can be started here, and with `peers` that Ansible and Mitogen are there. @throws `Missing` with what to do. */
export function requireRig(peers: boolean): void {
  if (process.getuid?.() !== 0) {
    throw new Missing(
      "nodes in their own mount and process namespaces need root: run `sudo npm run bench`. `npm run bench -- start planning` works without.",
    );
  }
  const missing = [...needed, ...(peers ? peersNeed : [])].filter(({ command }) => !isOnMachine(command));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ from }) => from))];
  if (!isOnMachine("apt-get"))
    throw new Missing(`these commands are missing: ${missing.map(({ command }) => command).join(", ")}. Install them and try again.`);
  console.error(`bench: installing ${packages.join(" ")} ...`);
  for (const args of [
    ["update", "-q"],
    ["install", "-q", "-y", "--no-install-recommends", ...packages],
  ]) {
    const result = spawnSync("apt-get", args, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, encoding: "utf8" });
    if (result.status !== 0) throw new Missing(`apt-get ${args[0]} failed:\n${result.stderr.slice(-1_000)}`);
  }
}

function isOnMachine(command: string): boolean {
  if (isAbsolute(command)) return existsSync(command);
  return searchPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

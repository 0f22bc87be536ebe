import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

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

/** The folders where commands are looked for; servers lie in those that are not on everybody's PATH. */
export const searchPath = [process.env["PATH"] ?? "", "/usr/local/sbin", "/usr/sbin", "/sbin"].join(delimiter);

/** Sees to it that real OpenSSH servers in namespaces can be started here. @throws `Missing` with what to do. */
export function requireRig(): void {
  if (process.getuid?.() !== 0) {
    throw new Missing(
      "nodes in their own mount and process namespaces need root: run `sudo npm run bench`. `npm run bench -- start planning engine` works without.",
    );
  }
  const missing = needed.filter(({ command }) => !isOnMachine(command));
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
  return searchPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

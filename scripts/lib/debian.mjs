import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { run } from "./run.mjs";
import { Stop, say, since, tail } from "./say.mjs";

/** What the tests use of the machine, the Debian package that brings it, and whether what is there will do. */
const needed = [
  { command: "sshd", package: "openssh-server" },
  { command: "ssh", package: "openssh-client" },
  { command: "ssh-keygen", package: "openssh-client" },
  { command: "sudo", package: "sudo" },
  { command: "busybox", package: "busybox", suits: takesToolsFromPath },
  { command: "git", package: "git" },
  { command: "rpmbuild", package: "rpm" },
  { command: "createrepo_c", package: "createrepo-c" },
  { command: "dnf", package: "dnf" },
  { command: "zypper", package: "zypper" },
  { command: "podman", package: "podman" },
  { command: "crun", package: "crun" },
  { command: "redis-server", package: "redis-server" },
];

/** Installs the Debian packages that the tests need and that are missing, as root or with a sudo that asks for no password; else says what to type. */
export async function ensurePackages() {
  const missing = needed.filter(isMissing);
  if (missing.length === 0) return "all there";
  const packages = [...new Set(missing.map((each) => each.package))];
  if (!isOnMachine("apt-get")) {
    const commands = missing.map((each) => each.command).join(", ");
    throw new Stop(`the tests need these commands, which this machine does not have: ${commands}. Install them and run npm test again.`, 2);
  }
  const started = Date.now();
  const prefix = await rootPrefix(packages);
  say(`the tests need Debian packages that are missing: ${packages.join(" ")}; installing them ...`);
  await aptGet(prefix, ["update", "-q"]);
  await aptGet(prefix, ["install", "-q", "-y", "--no-install-recommends", ...packages]);
  const still = missing.filter(isMissing).map((each) => each.command);
  if (still.length > 0)
    throw new Stop(`apt-get installed ${packages.join(" ")}, but these commands are still missing: ${still.join(", ")}.`, 2);
  return `installed ${packages.join(" ")} in ${since(started)}`;
}

function isMissing({ command, suits = () => true }) {
  return !isOnMachine(command) || !suits();
}

/**
 * True when busybox's shell takes tools that it has itself from PATH all the same, so that tests can leave them out or put others in their place. That of
 * Debian's busybox-static does not; the package busybox takes its place.
 */
function takesToolsFromPath() {
  const folder = mkdtempSync(join(tmpdir(), "halligan-tools-"));
  try {
    writeFileSync(join(folder, "mv"), "#!/bin/sh\nexit 42\n", { mode: 0o755 });
    return spawnSync("busybox", ["ash", "-c", "mv; exit $?"], { env: { PATH: `${folder}:${process.env.PATH}` } }).status === 42;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Servers lie in the sbin folders, which are not on everybody's PATH. */
function isOnMachine(command) {
  const folders = [...(process.env.PATH || "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function rootPrefix(packages) {
  if (process.getuid() === 0) return [];
  const manual = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const why = `the tests need Debian packages that are missing: ${packages.join(" ")}; installing them needs root`;
  if (!isOnMachine("sudo")) throw new Stop(`${why}. As root, type:\n  ${manual}\nand run npm test again.`, 2);
  const asked = await run("sudo", ["-n", "true"], { quiet: true });
  if (asked.code === 0) return ["sudo", "-n"];
  throw new Stop(`${why}, and sudo asks for a password here. Type:\n  sudo sh -c '${manual}'\nand run npm test again.`, 2);
}

async function aptGet(prefix, args) {
  const command = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120", ...args];
  const result = await run(command[0], command.slice(1), { quiet: true });
  if (result.code !== 0) throw new Stop(`apt-get ${args[0]} failed:\n${tail(result.output)}`, result.interrupted || 5);
}

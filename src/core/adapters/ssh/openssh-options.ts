import { where } from "./host-key-verdict.ts";
import type { SshTarget } from "../../ports.ts";

/** What decides about the command line of a master connection. */
export interface MasterOptions {
  readonly target: SshTarget;
  /** Path of the control socket. */
  readonly socket: string;
  /** Control socket of the last jump host, if there is one. */
  readonly via: string | undefined;
  /** `-F`: `none` unless the operator wants `~/.ssh/config` to count. */
  readonly configFile: string;
  /** True when the host has pinned keys, so that even `accept-new` must not add one of another type. */
  readonly pinned: boolean;
  /** The `ssh` program. */
  readonly program: string;
}

/** Arguments of the `ssh` that holds the connection. It prints a line when logged in and reports its doings on stderr (`-v`). */
export function masterArguments(options: MasterOptions): readonly string[] {
  const { target, socket, via, configFile, pinned } = options;
  const knownHosts = [target.knownHosts.file, ...target.knownHosts.alsoRead].map(quotedPath).join(" ");
  const strict = target.hostKeys === "accept-new" && !pinned ? "accept-new" : "yes";
  const settings = [
    "ControlMaster=yes",
    `ControlPath=${percent(socket)}`,
    "ControlPersist=no",
    "BatchMode=yes",
    `UserKnownHostsFile=${knownHosts}`,
    "GlobalKnownHostsFile=/dev/null",
    `StrictHostKeyChecking=${strict}`,
    "UpdateHostKeys=no",
    "HashKnownHosts=no",
    "CheckHostIP=no",
    "VerifyHostKeyDNS=no",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    `ConnectTimeout=${Math.max(1, Math.ceil(target.connectTimeoutMs / 1000))}`,
    "PreferredAuthentications=publickey",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=yes",
    "LocalCommand=echo",
    // without agent and keys nothing is offered, as with the other transport, unless a configuration file says otherwise
    ...(target.agent === undefined
      ? configFile === "none"
        ? ["IdentityAgent=none", "IdentitiesOnly=yes"]
        : []
      : [`IdentityAgent=${percent(target.agent)}`]),
    ...(target.keys.length === 0 && configFile === "none" ? ["IdentityFile=none"] : []),
    ...(via === undefined ? [] : [`ProxyCommand=${proxyCommand(options.program, via, target)}`]),
  ];
  return [
    "-v",
    "-N",
    "-T",
    ...["-F", configFile],
    ...settings.flatMap((setting) => ["-o", setting]),
    ...target.keys.flatMap((key) => ["-i", key]),
    ...["-p", String(target.port), "-l", target.user],
    ...["--", target.address],
  ];
}

/** Arguments of the `ssh` that runs one command over an open master connection, and never opens a connection of its own. */
export function commandArguments(socket: string, log: string, command: string): readonly string[] {
  // LogLevel DEBUG2 says how the command ended, which the exit code 255 alone does not; -E keeps that out of the command's stderr
  const settings = ["ControlMaster=no", `ControlPath=${percent(socket)}`, "ProxyCommand=false", "BatchMode=yes"];
  return ["-vv", "-E", log, "-T", "-F", "none", ...settings.flatMap((setting) => ["-o", setting]), "--", "node", command];
}

function proxyCommand(program: string, via: string, target: SshTarget): string {
  const settings = ["ControlMaster=no", `ControlPath=${percent(via)}`, "ProxyCommand=false", "BatchMode=yes"];
  const parts = [program, "-F", "none", ...settings.flatMap((setting) => ["-o", setting]), "-W", forwardPlace(target), "--", "jump"];
  return parts.map((part) => shellQuote(part).replaceAll("%", "%%")).join(" ");
}

function forwardPlace(target: SshTarget): string {
  return target.port === 22 ? `${target.address.includes(":") ? `[${target.address}]` : target.address}:22` : where(target);
}

/** ssh expands `%` in paths. */
function percent(path: string): string {
  return path.replaceAll("%", "%%");
}

function quotedPath(path: string): string {
  return `"${percent(path)}"`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

import type { Problem } from "../errors.ts";
import type { Discovered } from "../house.ts";
import type { ClusterNode } from "../model/cluster.ts";
import type { Facts } from "../model/facts.ts";
import type { Code } from "../problems/codes.ts";
import type { Examination } from "./local.ts";

/** The way to a node, in the order in which it is walked; a problem at one stage means that those before it were fine. */
const stages = ["address", "host key", "login", "sudo", "shell", "tools", "space", "clock"] as const;
type Stage = (typeof stages)[number];

const stageOf: Partial<Readonly<Record<Code, Stage>>> = {
  HOST_UNREACHABLE: "address",
  SSH_PROTOCOL: "address",
  OPENSSH_MISSING: "address",
  HOST_KEY_UNKNOWN: "host key",
  HOST_KEY_CHANGED: "host key",
  HOST_KEY_REVOKED: "host key",
  KNOWN_HOSTS_UNUSABLE: "host key",
  AUTH_FAILED: "login",
  KEY_UNREADABLE: "login",
  PASSPHRASE_NEEDED: "login",
  PASSPHRASE_WRONG: "login",
  OPENSSH_NO_PASSWORD: "login",
  CONNECTION_LOST: "login",
  BECOME_PASSWORD_NEEDED: "sudo",
  BECOME_PASSWORD_WRONG: "sudo",
  BECOME_REFUSED: "sudo",
  CHANNEL_REFUSED: "shell",
  NODE_SHELL: "shell",
  PROBE_FAILED: "shell",
  PROTOCOL_ERROR: "shell",
};

const tools = ["awk", "sha256sum", "setsid"]; // of those that the probe looks for, what scripts and jobs call
const wantedFreeBytes = 64 * 1024 * 1024; // job folders and cached contents; a run with large files needs more
const clockWarnMs = 2000;

/** Judges what a discovery found. Pure. */
export function examineNode(node: ClusterNode, seen: Discovered): readonly Examination[] {
  if ("problem" in seen) return stopped(node, seen.problem);
  const { facts } = seen;
  return [
    { name: "address", verdict: "ok", found: `${node.address} port ${node.ssh.port} answers.` },
    { name: "host key", verdict: "ok", found: "The host key is the pinned one." },
    { name: "login", verdict: "ok", found: `Logged in as ${node.ssh.user}.` },
    privilege(node, facts),
    { name: "shell", verdict: "ok", found: `/bin/sh is ${facts.shell.sh}; the login shell is ${facts.shell.login ?? "not known"}.` },
    toolbox(facts),
    space(facts),
    clock(facts),
  ];
}

function stopped(node: ClusterNode, problem: Problem): readonly Examination[] {
  const at = stages.indexOf(stageOf[problem.code] ?? "shell");
  return stages.map((name, index): Examination => {
    if (index < at)
      return { name, verdict: "ok", found: name === "address" ? `${node.address} port ${node.ssh.port} answers.` : "Passed." };
    if (index > at) return { name, verdict: "skipped", found: `Not examined: ${stages[at]} comes first.` };
    const cause = problem.cause === undefined ? "" : ` (${problem.cause})`;
    return { name, verdict: "fail", found: `${problem.code}: ${problem.message}${cause}`, action: problem.hint };
  });
}

function privilege(node: ClusterNode, facts: Facts): Examination {
  const uid = facts.user?.uid;
  if (uid === 0) return { name: "sudo", verdict: "ok", found: node.ssh.become === "sudo" ? "Becomes root by sudo." : "Logs in as root." };
  return {
    name: "sudo",
    verdict: "warn",
    found: `Works as ${facts.user?.name ?? node.ssh.user}, not as root.`,
    action: "Set `become: sudo` in the ssh settings unless all steps work without root.",
  };
}

function toolbox(facts: Facts): Examination {
  const missing = tools.filter((tool) => facts.tools[tool] === false);
  if (missing.length === 0)
    return { name: "tools", verdict: "ok", found: `Package manager: ${facts.packageManager}; services: ${facts.init}.` };
  return {
    name: "tools",
    verdict: "fail",
    found: `Missing: ${missing.join(", ")}.`,
    action: "Install them (coreutils, grep, sed and an awk, or busybox).",
  };
}

function space(facts: Facts): Examination {
  const { varFreeBytes, rootFreeBytes } = facts.limits;
  const free = varFreeBytes ?? rootFreeBytes;
  if (free === null)
    return { name: "space", verdict: "warn", found: "The free space of /var is not known.", action: "Run `df /var` on the node." };
  const found = `${Math.floor(free / 1024 / 1024)} MiB are free for /var.`;
  if (free >= wantedFreeBytes) return { name: "space", verdict: "ok", found };
  return {
    name: "space",
    verdict: free === 0 ? "fail" : "warn",
    found,
    action: "Make room below /var: jobs keep their logs and files there.",
  };
}

function clock(facts: Facts): Examination {
  if (facts.clock === null)
    return { name: "clock", verdict: "warn", found: "The clock could not be read.", action: "Run `date` on the node." };
  const { offsetMs, uncertaintyMs } = facts.clock;
  const side = offsetMs >= 0 ? "ahead" : "behind";
  const found = `The node is ${Math.abs(offsetMs)} ms ${side} (within ${uncertaintyMs} ms).`;
  if (Math.abs(offsetMs) <= clockWarnMs + uncertaintyMs) return { name: "clock", verdict: "ok", found };
  return { name: "clock", verdict: "warn", found, action: "Let the node follow a time server; clusters of databases need it." };
}

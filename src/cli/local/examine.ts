import { spawnSync } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { sandboxUnsupported } from "../../core/adapters/lab/sandbox/support.ts";
import type { Examination } from "../../core/commands/local.ts";
import { examineAlerts } from "./examine-alerts.ts";
import { examinePeople } from "./examine-people.ts";
import { examineStore, nearest } from "./examine-store.ts";
import { examineSlack } from "./examine-slack.ts";

const wantedFreeBytes = 256 * 1024 * 1024; // the journal and the logs of some hundred runs
const wantedNode = [24, 15] as const;

/** What Halligan needs on this machine, in the order in which it is needed. Nothing is left behind. */
export async function examineMachine(folder: string, state: string | undefined): Promise<readonly Examination[]> {
  return [
    nodeVersion(),
    ssh(),
    keys(),
    ...(await examineStore(folder, state)),
    ...examinePeople(folder),
    disk(folder),
    clock(),
    sandbox(),
    ...examineAlerts(folder),
    ...(await examineSlack(folder, process.env)),
  ];
}

function nodeVersion(): Examination {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fine = major > wantedNode[0] || (major === wantedNode[0] && minor >= wantedNode[1]);
  const found = `Node.js ${process.versions.node} runs Halligan.`;
  return fine
    ? { name: "Node.js", verdict: "ok", found }
    : { name: "Node.js", verdict: "fail", found, action: `Install Node.js ${wantedNode.join(".")} or later.` };
}

function ssh(): Examination {
  const ran = spawnSync("ssh", ["-V"], { encoding: "utf8", timeout: 5000 });
  if (ran.status === 0)
    return {
      name: "ssh",
      verdict: "ok",
      found: `${(ran.stderr || ran.stdout).trim().split(",")[0]} is installed (for \`transport: openssh\`).`,
    };
  const action =
    "Install it (`apt-get install openssh-client`) if you want to use `transport: openssh`; the built-in transport works without.";
  return { name: "ssh", verdict: "warn", found: "The ssh program cannot be started.", action };
}

function keys(): Examination {
  const files = ["id_ed25519", "id_ecdsa", "id_rsa"].filter((name) => existsSync(join(homedir(), ".ssh", name)));
  const agent = process.env["SSH_AUTH_SOCK"] !== undefined && existsSync(process.env["SSH_AUTH_SOCK"]);
  if (files.length > 0 || agent)
    return {
      name: "keys",
      verdict: "ok",
      found: [agent ? "an agent" : "", ...files.map((name) => `~/.ssh/${name}`)].filter((each) => each !== "").join(", "),
    };
  return {
    name: "keys",
    verdict: "warn",
    found: "No agent and no key in ~/.ssh.",
    action: "Make one (`ssh-keygen -t ed25519`), or name one with `ssh.key` in the cluster file.",
  };
}

function disk(folder: string): Examination {
  const { bavail, bsize } = statfsSync(nearest(folder));
  const free = bavail * bsize;
  const found = `${Math.floor(free / 1024 / 1024)} MiB are free for ${folder}.`;
  return free >= wantedFreeBytes
    ? { name: "disk", verdict: "ok", found }
    : { name: "disk", verdict: free === 0 ? "fail" : "warn", found, action: "Make room: the journal and the logs of runs lie there." };
}

/** A clock that is far off makes certificates fail and times in the journal wrong; builds know a year that must have passed. */
function clock(): Examination {
  const now = new Date();
  if (now.getUTCFullYear() >= 2025) return { name: "clock", verdict: "ok", found: `It is ${now.toISOString()}.` };
  return {
    name: "clock",
    verdict: "fail",
    found: `It is ${now.toISOString()}, which cannot be.`,
    action: "Set the clock and let it follow a time server.",
  };
}

/** The same as what a sandbox node needs: namespaces and an overlay mount in one. */
function sandbox(): Examination {
  if (process.platform !== "linux")
    return {
      name: "lab",
      verdict: "warn",
      found: "This is no Linux machine.",
      action: "Run labs on a Linux machine; everything else works here.",
    };
  const root = process.getuid?.() === 0;
  const script =
    "mkdir -p /tmp/.hg && mount -t tmpfs tmpfs /tmp/.hg && cd /tmp/.hg && mkdir l u w m && mount -t overlay overlay -o lowerdir=/usr,upperdir=u,workdir=w,userxattr m";
  const plain = root ? script.replace(",userxattr", "") : script;
  const args = [
    ...(root ? [] : ["--user", "--map-root-user"]),
    "--mount",
    "--",
    "sh",
    "-c",
    `mount -t tmpfs tmpfs /tmp && ${plain.replaceAll("/tmp/.hg", "/tmp/hg")}`,
  ];
  const ran = spawnSync("unshare", args, { encoding: "utf8", timeout: 10_000 });
  if (ran.status === 0) return { name: "lab", verdict: "ok", found: `Sandbox nodes work here${root ? " (as root)" : ", without root"}.` };
  const refused = sandboxUnsupported(ran.error?.message ?? ran.stderr.trim()).problems[0];
  return {
    name: "lab",
    verdict: "warn",
    found: `Sandbox nodes do not work here${refused.cause === undefined ? "" : `: ${refused.cause}`}.`,
    action: refused.hint,
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fail } from "../../../errors.ts";
import { hostKeyPath } from "../keys.ts";
import { endProcess, identify, type ProcessIdentity } from "../processes.ts";
import type { LabPaths, NodeState, NspawnState } from "../state.ts";
import { PROXY_PORT } from "./apt-proxy.ts";
import { makeCgroups, removeCgroups } from "./cgroups.ts";

const POWER_OFF_MS = 30_000;
const SSH_READY_MS = 180_000;

/** Name of a machine and of its cgroups, unique on this host: the bridge's name is. */
function machineName(lab: NspawnState, node: NodeState): string {
  return `${lab.bridge}-${node.name}`;
}

function place(upper: string, path: string, text: string, mode: number, uid = 0): void {
  const file = join(upper, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  if (uid !== 0) chownSync(file, uid, uid);
}

function authorise(upper: string, home: string, key: string, uid: number): void {
  place(upper, `${home}/.ssh/authorized_keys`, key, 0o600, uid);
  chmodSync(join(upper, home, ".ssh"), 0o700);
  chmodSync(join(upper, home), 0o700);
  for (const folder of [home, `${home}/.ssh`]) chownSync(join(upper, folder), uid, uid);
}

/** Writes what makes one machine out of the shared base, into its own layer, before it starts. */
function prepareMachine(paths: LabPaths, lab: NspawnState, node: NodeState): string {
  const folder = join(paths.nodes, node.name);
  const upper = join(folder, "upper");
  for (const name of ["upper", "work", "root"]) mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  const network = `[Match]\nName=host0\n[Network]\nAddress=${node.address}/24\nGateway=${lab.subnet}.1\nLinkLocalAddressing=no\n`;
  place(upper, "etc/systemd/network/10-lab.network", network, 0o644);
  place(upper, "etc/apt/apt.conf.d/90lab", `Acquire::http::Proxy "http://${lab.subnet}.1:${PROXY_PORT}";\n`, 0o644);
  const hostKey = hostKeyPath(paths, node.name);
  place(upper, "etc/ssh/ssh_host_ed25519_key", readFileSync(hostKey, "utf8"), 0o600);
  place(upper, "etc/ssh/ssh_host_ed25519_key.pub", readFileSync(`${hostKey}.pub`, "utf8"), 0o644);
  const key = readFileSync(paths.publicKey, "utf8");
  authorise(upper, "root", key, 0);
  authorise(upper, "home/ops", key, 1000);
  if (!existsSync(join(upper, "etc/machine-id"))) {
    place(upper, "etc/machine-id", `${createHash("sha256").update(`${paths.folder}\0${node.name}`).digest("hex").slice(0, 32)}\n`, 0o444);
    place(upper, "etc/hostname", `${node.name}\n`, 0o644);
    place(upper, "etc/hosts", `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n${node.address} ${node.name}\n`, 0o644);
    place(upper, "etc/resolv.conf", existsSync("/etc/resolv.conf") ? readFileSync("/etc/resolv.conf", "utf8") : "", 0o644);
  }
  return folder;
}

/**
 * Host's end of a node's second interface, from its number: names of interfaces have at most 15 characters, and those of bridges ten at most.
 */
function providerLink(lab: NspawnState, node: NodeState): string {
  return `${lab.provider}${lab.nodes.findIndex((each) => each.name === node.name) + 1}`;
}

// The overlay is mounted in a mount namespace of its own: whatever happens to us, it goes when the machine goes. With --keep-unit nspawn ends
// with 133 when its machine reboots and leaves it to its caller to start it again. It makes a second interface anew each time, and leaves that to
// its caller as well to connect.
const LAUNCH = `set -eu
lower=$1 folder=$2 machine=; shift 2
while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift
cd "$folder"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=upper,workdir=work" root
trap '[ -z "$machine" ] || kill -TERM "$machine" 2>/dev/null' TERM
connect() {
  for attempt in $(seq 600); do
    if [ -e "/sys/class/net/$LINK" ]; then
      ! ip link set "$LINK" master "$PROVIDER" up 2>/dev/null || return 0
    fi
    sleep 0.1
  done
  echo "$LINK did not come" >&2
}
while :; do
  "$@" & machine=$!
  [ -z "$PROVIDER" ] || connect &
  while :; do
    code=0
    wait "$machine" || code=$?
    kill -0 "$machine" 2>/dev/null || break
  done
  [ "$code" = 133 ] || exit "$code"
done`;

/** Starts a machine; it boots after this returns. */
export function startMachine(
  paths: LabPaths,
  lab: NspawnState,
  node: NodeState,
): { readonly child: ChildProcess; readonly holder: ProcessIdentity } {
  const folder = prepareMachine(paths, lab, node);
  const name = machineName(lab, node);
  const nspawn = [
    ...["systemd-nspawn", "--quiet", "--directory=root", `--machine=${name}`, `--hostname=${node.name}`, "--register=no", "--keep-unit"],
    ...[
      `--network-bridge=${lab.bridge}`,
      ...(lab.provider === undefined ? [] : [`--network-veth-extra=${providerLink(lab, node)}:eth1`]),
      "--resolv-conf=off",
      "--link-journal=no",
      "--timezone=off",
      "--capability=all",
      "--drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE",
    ],
    ...(existsSync("/dev/net/tun") ? ["--bind=/dev/net/tun"] : []),
    ...["--console=read-only", "--kill-signal=SIGRTMIN+4", "--boot"],
  ];
  const launch = [
    "--mount",
    "--propagation",
    "private",
    "/bin/sh",
    "-c",
    LAUNCH,
    "sh",
    lab.layer === undefined ? lab.base : `${lab.layer}:${lab.base}`,
    folder,
    ...makeCgroups(name),
    "--",
    ...nspawn,
  ];
  const log = openSync(paths.log, "a", 0o600);
  const child = spawn("unshare", launch, {
    detached: true,
    stdio: ["ignore", "ignore", log],
    cwd: "/",
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LC_ALL: "C",
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network",
      PROVIDER: lab.provider ?? "",
      LINK: lab.provider === undefined ? "" : providerLink(lab, node),
    },
  });
  closeSync(log);
  child.on("error", () => undefined);
  const holder = child.pid === undefined ? undefined : identify(child.pid);
  if (holder === undefined) throw fail("LAB_FAILED", { message: `${node.name} did not start.`, hint: `Read ${paths.log}.` });
  return { child, holder };
}

async function answersSsh(address: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const done = (ok: boolean): void => {
      socket.destroy();
      resolve(ok);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once("error", () => done(false));
    socket.once("data", (data: Buffer) => done(data.toString().startsWith("SSH-")));
    socket.once("close", () => done(false));
  });
}

/** Waits until a machine greets on its SSH port. @throws LAB_FAILED when it ends or takes too long */
export async function waitForSsh(paths: LabPaths, node: NodeState, child: ChildProcess): Promise<void> {
  const end = performance.now() + SSH_READY_MS;
  while (!(await answersSsh(node.address))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || performance.now() > end)
      throw fail("LAB_FAILED", {
        message: `${node.name} ${ended ? "ended while it booted" : `did not answer SSH on ${node.address} within ${SSH_READY_MS / 60_000} minutes`}.`,
        hint: `Read ${paths.log}.`,
      });
    await sleep(60);
  }
}

/** Powers a machine off, and ends it by force when it does not follow. */
export async function stopMachine(lab: NspawnState, node: NodeState): Promise<void> {
  if (node.holder !== undefined) await endProcess(node.holder, "SIGTERM", POWER_OFF_MS);
  await removeCgroups(machineName(lab, node));
}

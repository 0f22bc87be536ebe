import { readFileSync } from "node:fs";
import { fail, type HalliganError } from "../../../errors.ts";

/** Kernel settings that decide whether an ordinary user may have namespaces; `undefined` = this kernel has no such setting. */
export interface NamespaceSettings {
  readonly platform: string;
  readonly maxUserNamespaces: string | undefined;
  readonly unprivilegedClone: string | undefined;
  readonly apparmorRestriction: string | undefined;
  readonly inContainer: boolean;
}

function setting(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, "utf8").trim();
  } catch {
    return undefined;
  }
}

function inContainer(): boolean {
  try {
    return /docker|containerd|kubepods|libpod|lxc/.test(readFileSync("/proc/1/cgroup", "utf8"));
  } catch {
    return false;
  }
}

/** Reads the settings of this machine. */
function readNamespaceSettings(): NamespaceSettings {
  return {
    platform: process.platform,
    maxUserNamespaces: setting("user/max_user_namespaces"),
    unprivilegedClone: setting("kernel/unprivileged_userns_clone"),
    apparmorRestriction: setting("kernel/apparmor_restrict_unprivileged_userns"),
    inContainer: inContainer(),
  };
}

/** The exact thing to do about a refused sandbox, from the kernel's settings and the words of the tool that failed. */
export function remedyFor(words: string, settings: NamespaceSettings): string {
  if (settings.platform !== "linux") return "Run the lab on a Linux machine (a virtual machine will do); other systems have no namespaces.";
  if (/ENOENT|not found/.test(words) && /unshare|nsenter|pivot_root|mount|setsid/.test(words))
    return "Install util-linux (`apt-get install util-linux mount`), which has unshare, nsenter, mount and pivot_root.";
  if (settings.maxUserNamespaces === "0")
    return "Allow user namespaces: `sudo sysctl -w user.max_user_namespaces=15000`, then `halligan lab up` again.";
  if (settings.unprivilegedClone === "0")
    return "Allow user namespaces for ordinary users: `sudo sysctl -w kernel.unprivileged_userns_clone=1`, then `halligan lab up` again.";
  if (settings.apparmorRestriction === "1")
    return "Lift AppArmor's restriction: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, then `halligan lab up` again; or run it with sudo.";
  if (/overlay/.test(words))
    return "Mounting overlayfs in a user namespace needs Linux 5.11 or later and the overlay module: `sudo modprobe overlay`, or run `halligan lab up` as root.";
  if (settings.inContainer)
    return "This is a container without the right to mount: start it with `--privileged`, or run the lab on the machine itself.";
  return "Run `halligan lab up` as root, or use `--driver nspawn` as root on Debian or Ubuntu.";
}

/** The problem for a sandbox that the kernel refused. */
export function sandboxUnsupported(words: string, settings: NamespaceSettings = readNamespaceSettings()): HalliganError {
  return fail("LAB_UNSUPPORTED", {
    message: "This machine cannot run sandbox nodes: making their private view of the machine was refused.",
    cause: words.split("\n").slice(-3).join("; "),
    hint: remedyFor(words, settings),
  });
}

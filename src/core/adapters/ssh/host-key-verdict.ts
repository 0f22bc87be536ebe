import { fail, type HalliganError } from "../../errors.ts";
import type { SshTarget } from "../../ports.ts";
import { fingerprint, type HostKey, hostName, type KnownLine, readKnownHosts, sameKey } from "./known-hosts.ts";

/** What the known_hosts files say about a host, own file first. */
export interface Pins {
  /** Lines for the exact name, `[address]:port` unless the port is 22. */
  readonly lines: readonly KnownLine[];
  /** Lines for the address without the port; OpenSSH accepts a key found there too, but never refuses because of it. */
  readonly portless: readonly KnownLine[];
}

/** What is to be done about the host key that a server shows. */
export type HostKeyVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "pin" }
  | { readonly kind: "refused"; readonly error: HalliganError };

/** Looks a host up in all known_hosts files of the target. Problem: `KNOWN_HOSTS_UNUSABLE`. */
export async function findPins(target: Pick<SshTarget, "address" | "port" | "knownHosts">): Promise<Pins> {
  const files = await Promise.all([target.knownHosts.file, ...target.knownHosts.alsoRead].map(readKnownHosts));
  const name = hostName(target.address, target.port);
  const bare = hostName(target.address, 22);
  return {
    lines: files.flatMap((file) => file.find(name)),
    portless: name === bare ? [] : files.flatMap((file) => file.find(bare)),
  };
}

/** Types of the pinned keys, in the order in which they should be asked for, so that a host with several keys does not look changed. */
export function pinnedTypes(pins: Pins): readonly string[] {
  const exact = pins.lines.filter((line) => line.kind === "pinned");
  const used = exact.length > 0 ? exact : pins.portless.filter((line) => line.kind === "pinned");
  return [...new Set(used.map((line) => line.key.type))];
}

/**
 * Judges the key that a server shows. Revoked and changed keys are refused in every mode. A host that has pins but shows a key of a type
 * that is not pinned counts as changed: else whoever intercepts the connection could get a new pin by offering another type.
 */
export function judgeHostKey(target: SshTarget, pins: Pins, key: HostKey): HostKeyVerdict {
  const revoked = [...pins.lines, ...pins.portless].find((line) => line.kind === "revoked" && sameKey(line.key, key));
  if (revoked !== undefined) return { kind: "refused", error: revokedKey(target, key, revoked) };
  const pinned = pins.lines.filter((line) => line.kind === "pinned");
  if (pinned.some((line) => sameKey(line.key, key))) return { kind: "known" };
  const [first] = pinned;
  if (first !== undefined) {
    const old = pinned.find((line) => line.key.type === key.type) ?? first;
    return { kind: "refused", error: changedKey(target, shownKey(key), old) };
  }
  if (pins.portless.some((line) => line.kind === "pinned" && sameKey(line.key, key))) return { kind: "known" };
  return target.hostKeys === "accept-new" ? { kind: "pin" } : { kind: "refused", error: unknownKey(target, shownKey(key), pins) };
}

/** `address:port` for messages; the port is left out when it is 22. */
export function where(target: Pick<SshTarget, "address" | "port">): string {
  if (target.port === 22) return target.address;
  return target.address.includes(":") ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`;
}

/** A host key as far as a message needs it. */
export interface ShownKey {
  readonly type: string;
  /** `SHA256:...`. */
  readonly print: string;
}

/** A key for a message. */
export function shownKey(key: HostKey): ShownKey {
  return { type: key.type, print: fingerprint(key) };
}

/** `HOST_KEY_UNKNOWN` with the exact command that accepts the key. */
export function unknownKey(target: SshTarget, shown: ShownKey, pins: Pins): HalliganError {
  const authority = pins.lines.find((line) => line.kind === "authority");
  const note =
    authority === undefined || target.transport === "openssh"
      ? ""
      : ` A @cert-authority line covers this host (${authority.file}:${authority.line}), but the ssh2 transport cannot check certificates: set \`transport: openssh\` to use it.`;
  return fail("HOST_KEY_UNKNOWN", {
    message: `The host key of ${target.node} (${where(target)}) is not known: ${shown.type} ${shown.print}.`,
    at: { node: target.node },
    hint: `Compare the fingerprint with the machine's console (\`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\` there), then accept it: \`halligan discover ${target.node} --accept-host-key ${shown.print}\`.${note}`,
  });
}

/** `HOST_KEY_CHANGED`, with both fingerprints and the place of the pinned one. */
export function changedKey(target: Pick<SshTarget, "node" | "address" | "port">, shown: ShownKey, old: KnownLine): HalliganError {
  return fail("HOST_KEY_CHANGED", {
    message: `THE HOST KEY OF ${target.node} (${where(target)}) HAS CHANGED: pinned is ${old.key.type} ${fingerprint(old.key)} (${old.file}:${old.line}), the server shows ${shown.type} ${shown.print}. Nothing was sent to it.`,
    at: { node: target.node },
    hint: `Somebody may be intercepting the connection. If the machine was reinstalled, compare the new fingerprint with its console, remove the old pin with \`ssh-keygen -f '${old.file}' -R '${hostName(target.address, target.port)}'\`, then \`halligan discover ${target.node} --accept-host-key ${shown.print}\`.`,
  });
}

function revokedKey(target: SshTarget, key: HostKey, line: KnownLine): HalliganError {
  return fail("HOST_KEY_REVOKED", {
    message: `The host key of ${target.node} (${where(target)}), ${key.type} ${fingerprint(key)}, is marked @revoked in ${line.file}:${line.line}. Nothing was sent to it.`,
    at: { node: target.node },
  });
}

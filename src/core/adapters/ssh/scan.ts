import { fail } from "../../errors.ts";
import type { SshTarget } from "../../ports.ts";
import type { Authentication } from "./authentication.ts";
import { fingerprint, type HostKey, knownHostsLine } from "./known-hosts.ts";
import type { Authenticated } from "./ssh2-connection.ts";
import type { HostKeyJudge } from "./ssh2-handshake.ts";

/** A host key that a server showed and proved to hold. */
export interface ScannedHostKey {
  readonly type: string;
  /** `SHA256:...`. */
  readonly fingerprint: string;
  /** The known_hosts line that would pin it. */
  readonly line: string;
  /** For `pinHostKey`. */
  readonly key: HostKey;
}

/** Runs a handshake up to the login, which never happens, and returns the key that the server proved to hold. */
export async function scanWith(
  target: SshTarget,
  connect: (login: Authentication, judge: HostKeyJudge) => Promise<Authenticated>,
): Promise<ScannedHostKey> {
  let shown: HostKey | undefined;
  let proven = false;
  const login: Authentication = {
    // asked for the first time after the key exchange, whose signature proves the key
    next: () => {
      proven = true;
      return undefined;
    },
    note: () => undefined,
    failed: () => fail("AUTH_FAILED", { message: `${target.node} was only asked for its host key.` }),
  };
  const judge: HostKeyJudge = (_target, _pins, key) => {
    shown = key;
    return { kind: "known" };
  };
  try {
    (await connect(login, judge)).destroy();
  } catch (error) {
    if (!proven) throw error;
  }
  if (shown === undefined) throw fail("SSH_PROTOCOL", { message: `${target.node} showed no host key.`, at: { node: target.node } });
  return { type: shown.type, fingerprint: fingerprint(shown), line: knownHostsLine(target.address, target.port, shown), key: shown };
}

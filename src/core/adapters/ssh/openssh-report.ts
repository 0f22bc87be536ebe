import { type HalliganError, fail } from "../../errors.ts";
import type { SshTarget } from "../../ports.ts";
import { authenticationRefused } from "./authentication.ts";
import { changedKey, findPins, type ShownKey, unknownKey, where } from "./host-key-verdict.ts";
import { DroppedEarly, turnedAway } from "./retry.ts";
import { unreachable } from "./socket.ts";

/** Turns what `ssh -v` said before it gave up into the same problems that the in-process transport has. */
export async function explainOpenssh(target: SshTarget, text: string): Promise<HalliganError> {
  const lines = text.split(/\r?\n/);
  const told = lines.filter((line) => !/^debug\d:|^OpenSSH_|^@|^\s*$/.test(line));
  const greeting = /banner line 0: (.*)/.exec(text)?.[1]?.trim();
  const last = told.at(-1) ?? "ssh ended without a message";
  const [, type = "of unknown type", print = "(not shown)"] = /^debug1: Server host key: (\S+) (\S+)/m.exec(text) ?? [];
  const shown = { type, print };
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(text)) return await changed(target, text, shown);
  if (/revoked/i.test(text) && /host key/i.test(text) && /verification failed/i.test(text)) {
    return fail("HOST_KEY_REVOKED", {
      message: `The host key of ${target.node} (${where(target)}) is marked @revoked. Nothing was sent to it.`,
      at: { node: target.node },
    });
  }
  if (/Host key verification failed/.test(text)) return await unknown(target, shown);
  if (/Permission denied \(|Too many authentication failures/.test(text)) return refused(target, text, told);
  if (/Unable to negotiate|no matching/.test(text)) return protocol(target, last);
  if (greeting !== undefined && !turnedAway.test(greeting)) return protocol(target, `it answers "${greeting.slice(0, 100)}"`);
  // Said by the ssh that goes over the last jump host; what the one behind it says of its cut way depends on which of them was faster.
  const beyond = /open failed: connect failed: (.+)/.exec(text)?.[1]?.trim();
  if (beyond !== undefined && target.jumps.length > 0) return unreachable(target, beyond);
  if (/kex_exchange_identification: (read: Connection reset|Connection closed|write: Broken pipe)/.test(text)) {
    const why = greeting === undefined ? "too many connections at once (MaxStartups), or it does not let this address in" : greeting;
    return new DroppedEarly(unreachable(target, `The server closed the connection before the SSH handshake: ${why}.`).problems);
  }
  if (/(Could not resolve hostname|Connection refused|No route to host|timed out|unreachable|Connection reset|closed by)/i.test(last))
    return unreachable(target, last);
  if (/kex_exchange_identification|banner|Bad packet|protocol/i.test(text)) return protocol(target, last);
  return unreachable(target, last);
}

async function unknown(target: SshTarget, shown: ShownKey): Promise<HalliganError> {
  const pins = await findPins(target);
  const pinned = pins.lines.find((line) => line.kind === "pinned");
  return pinned === undefined ? unknownKey(target, shown, pins) : changedKey(target, shown, pinned);
}

async function changed(target: SshTarget, text: string, shown: ShownKey): Promise<HalliganError> {
  const pinned = (await findPins(target)).lines.filter((line) => line.kind === "pinned");
  const offending = /Offending \S+ key in (.*):(\d+)/.exec(text);
  const old = pinned.find((line) => line.file === offending?.[1] && line.line === Number(offending[2])) ?? pinned[0];
  if (old !== undefined) return changedKey(target, shown, old);
  // the line was removed between ssh's look at the file and ours
  return fail("HOST_KEY_CHANGED", {
    message: `The host key of ${target.node} (${where(target)}) has changed to ${shown.type} ${shown.print}.`,
    at: { node: target.node },
  });
}

function refused(target: SshTarget, text: string, told: readonly string[]): HalliganError {
  const offered = [...text.matchAll(/^debug1: Offering public key: (\S+)/gm)].map((each) => `key ${each[1]}`);
  const accepted = /Authentications that can continue: (\S+)/.exec(text)?.[1] ?? /Permission denied \(([^)]*)\)/.exec(text)?.[1];
  const notes = told.filter((line) => /^Load key|bad permissions|UNPROTECTED|passphrase|agent/i.test(line));
  return authenticationRefused(target, {
    offered,
    accepted: accepted?.split(",") ?? null,
    notes,
    cause: /Too many authentication failures/.test(text)
      ? "the server cut us off after too many attempts (MaxAuthTries): offer fewer keys"
      : undefined,
  });
}

function protocol(target: SshTarget, cause: string): HalliganError {
  return fail("SSH_PROTOCOL", {
    message: `${target.node} (${where(target)}) and the system's ssh cannot talk SSH with each other.`,
    cause,
    at: { node: target.node },
  });
}

import { fail } from "../../errors.ts";
import { type Script, sizeOf } from "../../jigs/script.ts";
import type { Connection, Conversation, Exit, RemoteCommand, Secret } from "../../ports.ts";

/** How texts of ours become root on a node, or another user (a checked name). */
export type Become = { readonly kind: "none" } | { readonly kind: "sudo"; readonly password?: Secret; readonly user?: string };

/** A connection on which texts of ours run as the user who carries out steps. */
export interface NodeLink {
  readonly node: string;
  readonly connection: Connection;
  readonly become: Become;
}

/** Output of a text, collected up to a bound. */
export interface Collected {
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly exit: Exit;
}

/** The line that goes to the login shell. `text` must hold no single quote (node-shell.ts). */
function loginLine(text: string, become: Become): string {
  const inner = `/bin/sh -c '${text}'`;
  if (become.kind === "none") return `exec ${inner}`;
  // LC_ALL=C: sudo's refusals are told apart by their English text.
  const whom = become.user === undefined ? "" : `-u ${become.user} `;
  return become.password === undefined
    ? `exec env LC_ALL=C sudo -n ${whom}-- ${inner}`
    : `exec env LC_ALL=C sudo -S -p "" ${whom}-- ${inner}`;
}

/** What sudo is told before anything else. */
function passwordLine(become: Become): readonly Uint8Array[] {
  const password = become.kind === "sudo" ? become.password : undefined;
  return password === undefined ? [] : [Buffer.from(`${password.reveal()}\n`)];
}

/** True where texts run as the same user. */
export function sameBecome(one: Become, other: Become): boolean {
  return one.kind === other.kind && (one.kind === "none" || other.kind === "none" || one.user === other.user);
}

/** Runs a text on a node; `input`, in pieces, follows the sudo password line, if there is one. Problems as `Connection.exec`. */
export function runText(link: NodeLink, text: string, ...input: readonly Uint8Array[]): Promise<RemoteCommand> {
  return link.connection.exec(loginLine(text, link.become), { stdin: [...passwordLine(link.become), ...input] });
}

/** As `runText`, with an input that stays open; nothing where the transport has no such commands. `onWanted` and problems as `Connection.converse`. */
export function converse(
  link: NodeLink,
  text: string,
  input: readonly Uint8Array[],
  onWanted: () => void,
): Promise<Conversation> | undefined {
  const { connection, become } = link;
  return connection.converse?.(loginLine(text, become), { stdin: [...passwordLine(become), ...input], onWanted });
}

/** A script behind the line that a receiver expects (docs/protocol.md); `who`: the job's name, its store and its fencing token. */
export function headed(who: string, script: Script): readonly Uint8Array[] {
  return [Buffer.from(`HALLIGAN/1 ${who} ${sizeOf(script)}\n`), ...script];
}

/** Hands a script to a receiver; `who` as for `headed`. */
export function runScript(link: NodeLink, receiver: string, who: string, script: Script): Promise<RemoteCommand> {
  return runText(link, receiver, ...headed(who, script));
}

/** Reads a stream to its end, keeping at most `limit` bytes. */
export async function collect(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size < limit) kept.push(chunk.subarray(0, limit - size));
    size += chunk.length;
  }
  return Buffer.concat(kept);
}

/** Runs a text and collects what it says (at most 1 MiB). */
export async function askNode(link: NodeLink, text: string, input?: Uint8Array): Promise<Collected> {
  const command = await runText(link, text, ...(input === undefined ? [] : [input]));
  const [stdout, stderr, exit] = await Promise.all([collect(command.stdout, 1 << 20), collect(command.stderr, 16_384), command.exit]);
  return { stdout, stderr: stderr.toString("utf8"), exit };
}

/**
 * Explains why a text of ours did not even start: sudo's refusals and missing shells.
 * @returns a problem `BECOME_PASSWORD_NEEDED`, `BECOME_PASSWORD_WRONG`, `BECOME_REFUSED`, `NODE_SHELL` or `CONNECTION_LOST`.
 */
export function notStarted(link: NodeLink, stderr: string, exit: Exit): Error {
  const at = { node: link.node };
  const cause = stderr.trim().split("\n").slice(-3).join(" ").slice(0, 400);
  if (exit.kind === "lost") return fail("CONNECTION_LOST", { message: `The connection to ${link.node} was lost.`, at, cause: exit.reason });
  if (/a password is required|no password was provided/u.test(cause)) {
    return fail("BECOME_PASSWORD_NEEDED", { message: `sudo on ${link.node} asks for a password.`, at, cause });
  }
  if (/incorrect password|Sorry, try again/u.test(stderr)) {
    return fail("BECOME_PASSWORD_WRONG", { message: `sudo on ${link.node} refused the password.`, at, cause });
  }
  if (/not in the sudoers|not allowed to|may not run|must have a tty|sudo: (?:command )?not found|sudo: No such file/u.test(stderr)) {
    return fail("BECOME_REFUSED", { message: `The login user on ${link.node} may not become root with sudo.`, at, cause });
  }
  const how = exit.kind === "exited" ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  return fail("NODE_SHELL", {
    message: `/bin/sh on ${link.node} did not run what was sent (${how}).`,
    at,
    ...(cause === "" ? {} : { cause }),
  });
}

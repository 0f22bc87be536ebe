import type { AnyAuthMethod, ParsedKey } from "ssh2";
import { fail, HalliganError, type Problem, problem } from "../../errors.ts";
import type { SshTarget } from "../../ports.ts";
import { where } from "./host-key-verdict.ts";
import type { LoadedKey } from "./private-keys.ts";

interface Way {
  /** For messages: never holds a secret. */
  readonly label: string;
  readonly method: AnyAuthMethod;
  /** What the server calls it. */
  readonly name: string;
}

/** The ways to log in that are left to try on one connection, and what became of those tried. */
export interface Authentication {
  /** The next way, or `undefined` when none is left. `accepted` is what the server says it would take; null = it was not asked yet. */
  next(accepted: readonly string[] | null): AnyAuthMethod | undefined;
  /** Remembers something that belongs into the final message, e.g. that the agent did not answer. */
  note(text: string): void;
  /** The error for "nothing worked". */
  failed(cause?: string): HalliganError;
}

const maxPasswordRounds = 3;

/** Prepares logging in to `target`. Throws the problems of the keys at once when they leave nothing to try. */
export function prepareAuthentication(target: SshTarget, keys: readonly LoadedKey[]): Authentication {
  const problems = keys.flatMap((each) => (each.kind === "unusable" ? [each.problem] : []));
  const ways = waysOf(target, keys);
  const [first, ...rest] = problems;
  if (ways.length === 0 && first !== undefined) throw new HalliganError([first, ...rest]);
  // `none` asks the server what it takes, and is all there is without any credential
  const queue =
    ways.length > 0 ? [...ways] : [{ label: "no credentials", name: "none", method: { type: "none", username: target.user } as const }];
  const offered: string[] = [];
  const notes: string[] = [];
  let taken: readonly string[] | null = null;
  return {
    next(accepted) {
      taken = accepted ?? taken;
      for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
        if (taken !== null && !taken.includes(way.name)) {
          notes.push(`${way.label} was not offered because the server does not take ${way.name}`);
          continue;
        }
        offered.push(way.label);
        return way.method;
      }
      return undefined;
    },
    note: (text) => void notes.push(text),
    failed(cause) {
      const failure = authFailed(target, { offered, notes, accepted: taken, certificate: keys.find(hasCertificate)?.file, cause });
      return first === undefined ? new HalliganError([failure]) : new HalliganError([first, ...rest, failure]);
    },
  };
}

function hasCertificate(key: LoadedKey): boolean {
  return key.kind === "usable" && key.hasCertificate;
}

function waysOf(target: SshTarget, keys: readonly LoadedKey[]): readonly Way[] {
  const username = target.user;
  const ways: Way[] = [];
  for (const each of keys) {
    // ssh2 takes a parsed key here; its types know texts and buffers only
    if (each.kind === "usable")
      ways.push({
        label: `key ${each.file}`,
        name: "publickey",
        method: { type: "publickey", username, key: each.key as ParsedKey & string },
      });
  }
  if (target.agent !== undefined)
    ways.push({ label: `agent ${target.agent}`, name: "publickey", method: { type: "agent", username, agent: target.agent } });
  const { password } = target;
  if (password !== undefined) {
    ways.push({ label: "password", name: "password", method: { type: "password", username, password: password.reveal() } });
    let rounds = 0;
    ways.push({
      label: "password (keyboard-interactive)",
      name: "keyboard-interactive",
      method: {
        type: "keyboard-interactive",
        username,
        // a prompt that echoes does not ask for the password; one that asks again and again will not be satisfied
        prompt: (_name, _instructions, _lang, prompts, finish) =>
          finish(++rounds > maxPasswordRounds ? [] : prompts.map((each) => (each.echo === true ? "" : password.reveal()))),
      },
    });
  }
  return ways;
}

interface Failure {
  readonly offered: readonly string[];
  readonly notes: readonly string[];
  readonly accepted: readonly string[] | null;
  readonly certificate: string | undefined;
  readonly cause: string | undefined;
}

function authFailed(target: SshTarget, failure: Failure): Problem {
  const accepts = failure.accepted === null ? "" : ` The server accepts: ${failure.accepted.join(", ") || "nothing more"}.`;
  const offered = failure.offered.length === 0 ? "nothing" : failure.offered.join(", ");
  const cause = [failure.cause, ...failure.notes].filter((each) => each !== undefined).join("; ");
  return problem("AUTH_FAILED", {
    message: `${target.user}@${where(target)} (${target.node}) did not let us in. Offered: ${offered}.${accepts}`,
    at: { node: target.node },
    cause: cause === "" ? undefined : cause,
    hint:
      failure.certificate === undefined
        ? undefined
        : `There is a certificate beside ${failure.certificate}; the ssh2 transport cannot use certificates: set \`transport: openssh\` for this node.`,
  });
}

/** `AUTH_FAILED` for the openssh transport, which learns the same facts from ssh's debug output. */
export function authenticationRefused(
  target: SshTarget,
  facts: {
    readonly offered: readonly string[];
    readonly accepted: readonly string[] | null;
    readonly notes: readonly string[];
    readonly cause: string | undefined;
  },
): HalliganError {
  const { message, at, cause, hint } = authFailed(target, { ...facts, certificate: undefined });
  return fail("AUTH_FAILED", { message, at, cause, hint });
}

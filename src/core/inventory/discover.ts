import { type ClusterPlace, fail, type HalliganError, hasCode } from "../errors.ts";
import type { Facts } from "../model/facts.ts";
import type { Clock, Connection, Exit, RemoteCommand } from "../ports.ts";
import { pastDeadline } from "../run/remote/deadline.ts";
import { type Become, notStarted, type NodeLink, runText } from "../run/remote/node-link.ts";
import { parseProbe } from "./parse.ts";
import { probeScript } from "./probe/script.ts";

/** What `discoverNode` works with. */
export interface DiscoverInput {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Name of the node, for problems. */
  readonly node?: string;
  /** As root more is seen: serial numbers, the processes of other users. Default: the login user. */
  readonly become?: Become;
  /** Packages whose versions are wanted. */
  readonly packages: readonly string[];
  /** How long the probe may take. Default 30 s. */
  readonly deadlineMs?: number;
  /** Ends the wait early; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Takes the whole script from stdin into a variable and only then runs it, with stdin closed: no child can eat the rest of the script,
 * and nothing is written, so a full or read-only file system does not matter. Lines before the script's first one are passed over: a
 * password line that sudo did not want, or nothing.
 */
const firstLine = "HALLIGAN/1 probe";
const receiver = `while read -r l; do [ "$l" = "${firstLine}" ] && break; done; s=$(cat); eval "$s" </dev/null`;

const outputLimit = 4 * 1024 * 1024;
const errorLimit = 4 * 1024;
const defaultDeadlineMs = 30_000;

/**
 * Probes a node over its connection, in one round trip. The probe only reads.
 * Problems: `PROBE_FAILED` (no answer in time, more than 4 MiB, or not the probe's document), with `become` also
 * `BECOME_PASSWORD_NEEDED`, `BECOME_PASSWORD_WRONG`, `BECOME_REFUSED`; and those of `Connection.exec`.
 */
export async function discoverNode(input: DiscoverInput): Promise<Facts> {
  const script = new TextEncoder().encode(`${firstLine}\n${probeScript({ packages: input.packages })}`);
  const link: NodeLink = { node: input.node ?? "the node", connection: input.connection, become: input.become ?? { kind: "none" } };
  const at = input.node === undefined ? undefined : { node: input.node };
  const stopTimer = new AbortController();
  const signal = input.signal === undefined ? stopTimer.signal : AbortSignal.any([stopTimer.signal, input.signal]);
  const deadlineMs = input.deadlineMs ?? defaultDeadlineMs;
  let command: RemoteCommand | undefined;
  const late = pastDeadline(input.clock, deadlineMs, () => command, signal).then(() => {
    throw fail("PROBE_FAILED", {
      at,
      message: `The probe did not end within ${deadlineMs / 1000} s.`,
      cause: "The node is overloaded, or a file system or a service manager on it hangs.",
    });
  });
  let over = false;
  const answer = (async () => {
    const sentAt = input.clock.now();
    command = await runText(link, receiver, script);
    if (over) {
      command.abandon();
      throw fail("PROBE_FAILED", { at, message: "The probe was given up before it started." });
    }
    return collect(command, link, at, () => ({ sentAt, receivedAt: input.clock.now() }));
  })();
  try {
    return await Promise.race([answer, late]);
  } finally {
    over = true;
    stopTimer.abort();
    command?.abandon();
    // whichever lost the race ends by itself now; its failure is nobody's concern
    void Promise.allSettled([answer, late]);
  }
}

type Times = () => { readonly sentAt: number; readonly receivedAt: number };

async function collect(command: RemoteCommand, link: NodeLink, at: ClusterPlace | undefined, times: Times): Promise<Facts> {
  const [output, errors] = await Promise.all([gather(command.stdout, outputLimit, "refuse"), gather(command.stderr, errorLimit, "drop")]);
  const exit = await command.exit;
  const result = parseProbe(output, times());
  if (!(result instanceof Error)) return result;
  const said = new TextDecoder().decode(errors).trim();
  const refused = notStarted(link, said, exit);
  if (link.become.kind === "sudo" && hasCode(refused, "BECOME_PASSWORD_NEEDED", "BECOME_PASSWORD_WRONG", "BECOME_REFUSED")) throw refused;
  throw explained(result, exit, said, at);
}

/** Adds where it was, how the remote shell ended and what it said on stderr. */
function explained(error: HalliganError, exit: Exit, said: string, at: ClusterPlace | undefined): HalliganError {
  const [first] = error.problems;
  const cause = [first.cause, ended(exit), said === "" ? undefined : `On stderr: ${JSON.stringify(said.slice(0, 300))}.`];
  return fail("PROBE_FAILED", {
    message: first.message,
    at,
    cause: cause.filter((each) => each !== undefined).join(" "),
    hint: first.hint,
    error,
  });
}

function ended(exit: Exit): string | undefined {
  switch (exit.kind) {
    case "exited":
      return exit.code === 0 ? undefined : `The shell ended with exit code ${exit.code}.`;
    case "signalled":
      return `The shell was ended by signal ${exit.signal}.`;
    case "lost":
      return `The connection was lost: ${exit.reason}.`;
    default:
      return exit satisfies never;
  }
}

async function gather(stream: AsyncIterable<Uint8Array>, limit: number, beyond: "refuse" | "drop"): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size + chunk.length > limit && beyond === "refuse") {
      throw fail("PROBE_FAILED", {
        message: `The node sent more than ${limit / 1024 / 1024} MiB in answer to the probe.`,
        cause: "A shell profile floods the output of commands.",
        hint: "Look at what `ssh NODE true` prints, and make the shell profile silent for shells that are not interactive.",
      });
    }
    const kept = chunk.subarray(0, Math.max(0, limit - size));
    chunks.push(kept);
    size += kept.length;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

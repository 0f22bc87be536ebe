import { z } from "zod";
import { fail, type HalliganError } from "../errors.ts";
import { type Facts, factsSchema } from "../model/facts.ts";
import { probeBegin, probeEnd } from "./probe/script.ts";

/** When the engine started the probe and when the answer was complete, by the engine's clock (milliseconds since 1970). */
export interface ProbeTimes {
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** What the script prints: facts before the clock is compared with the engine's. */
const probeSchema = factsSchema.extend({
  clock: z.strictObject({ epochMs: z.int(), resolutionMs: z.int().positive() }).nullable(),
});
type Probed = z.infer<typeof probeSchema>;

const excerptLength = 200;

/**
 * Facts from the output of the probe. What a login shell prints before and after the document is passed over.
 * Returns (does not throw) a `PROBE_FAILED` error that says what is wrong: no document, a cut one, one that is not valid.
 */
export function parseProbe(output: Uint8Array, times: ProbeTimes): Facts | HalliganError {
  const text = new TextDecoder().decode(output);
  const document = between(text);
  if (typeof document !== "string") return document;
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch (error) {
    return failed("The probe's document is not valid JSON.", `${jsonFault(document, error)}`, error);
  }
  const refusal = z.strictObject({ error: z.string() }).safeParse(value);
  if (refusal.success)
    return failed("The probe cannot run on this node.", refusal.data.error, undefined, "Install awk (mawk, gawk or busybox) on the node.");
  const probed = probeSchema.safeParse(value);
  if (!probed.success) {
    const issues = probed.error.issues.slice(0, 5).map((issue) => `${issue.path.join(".") || "document"}: ${issue.message}`);
    return failed("The probe's document does not have the expected form.", issues.join("; "), probed.error);
  }
  return tidy(probed.data, times);
}

/** The text between the last begin marker that starts a line and the end marker after it. */
function between(text: string): string | HalliganError {
  const begin = `\n${text}`.lastIndexOf(`\n${probeBegin}\n`);
  if (begin < 0) {
    const printed = text.trim();
    return failed("The node did not start the probe.", printed === "" ? "It printed nothing." : `It printed: ${excerpt(printed)}`);
  }
  const body = text.slice(begin + probeBegin.length + 1);
  const end = `\n${body}`.indexOf(`\n${probeEnd}`);
  if (end < 0)
    return failed("The probe's answer was cut.", `${body.length} characters came; they end with: ${excerpt(body.slice(-excerptLength))}`);
  return body.slice(0, end);
}

function jsonFault(document: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const at = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
  return `At character ${at} of ${document.length}: ${excerpt(document.slice(Math.max(0, at - 60), at + 60))}`;
}

/** Printable, on one line, bounded. */
function excerpt(text: string): string {
  const line = JSON.stringify(text.slice(0, excerptLength));
  return text.length > excerptLength ? `${line} ...` : line;
}

function failed(message: string, cause: string, error?: unknown, hint?: string): HalliganError {
  return fail("PROBE_FAILED", { message, cause, hint, error });
}

function tidy(probed: Probed, times: ProbeTimes): Facts {
  return {
    ...probed,
    disks: sorted(probed.disks, (disk) => disk.name),
    mounts: sorted(probed.mounts, (mount) => mount.target),
    nics: sorted(probed.nics, (nic) => nic.name)?.map((nic) => ({ ...nic, addresses: nic.addresses.toSorted(byText) })) ?? null,
    packages: probed.packages === null ? null : sortedRecord(probed.packages),
    services: sorted(probed.services, (name) => name),
    listening: sorted(probed.listening, (socket) => `${socket.proto} ${String(socket.port).padStart(5, "0")} ${socket.address}`),
    clock: probed.clock === null ? null : compareClocks(probed.clock, times),
    tools: sortedRecord(probed.tools),
    halligan: { ...probed.halligan, jobs: probed.halligan.jobs.toSorted(byText) },
  };
}

/** The probe read the clock somewhere between sending and receiving; a clock of whole seconds was on average half a second further. */
function compareClocks(clock: NonNullable<Probed["clock"]>, times: ProbeTimes): Facts["clock"] {
  const middle = clock.epochMs + Math.floor(clock.resolutionMs / 2);
  const roundTrip = Math.max(0, times.receivedAt - times.sentAt);
  return {
    ...clock,
    offsetMs: Math.round(middle - (times.sentAt + roundTrip / 2)),
    uncertaintyMs: Math.ceil((roundTrip + clock.resolutionMs) / 2),
  };
}

/** Code unit order: the same everywhere, whatever the locale. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sorted<T>(list: readonly T[] | null, key: (item: T) => string): readonly T[] | null {
  return list === null ? null : list.toSorted((a, b) => byText(key(a), key(b)));
}

function sortedRecord<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => byText(a, b)));
}

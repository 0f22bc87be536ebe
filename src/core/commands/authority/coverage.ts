import { fail } from "../../errors.ts";
import type { House } from "../../house.ts";
import { parseDuration } from "../../model/duration.ts";
import { isZone } from "../../model/civil-time.ts";
import { type MomentContext, parseMoment } from "../../model/moment.ts";
import { suggestion } from "../../model/suggest.ts";
import type { EpochMs } from "../../ports.ts";
import type { CommandContext } from "../command.ts";

/** Refuses deployments that the cluster file does not have. Without any, the file is not read: the whole cluster can be locked while it is broken. @throws `DEPLOYMENT_UNKNOWN`, and what loading throws. */
export async function knownDeployments(house: House, named: readonly string[]): Promise<void> {
  if (named.length === 0) return;
  const known = (await house.load()).cluster.deployments.map((each) => each.name);
  for (const name of named) {
    if (known.includes(name)) continue;
    throw fail("DEPLOYMENT_UNKNOWN", { message: `The cluster file has no deployment ${name}.`, hint: suggestion(name, known) });
  }
}

/** Judges an action on deployments; none named = the whole cluster. @throws `NOT_ALLOWED`. */
export async function requireFor(context: CommandContext, action: "operate" | "administer", named: readonly string[]): Promise<void> {
  await context.authorise(action, named.length === 0 ? { kind: "cluster" } : { kind: "deployments", names: named });
}

/** A duration that was typed, in ms. @throws `TIME_INVALID`. */
export function typedDuration(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw fail("TIME_INVALID", {
    message: `${option} is \`${text}\`: that is no duration.`,
    hint: "Write a duration such as `45m`, `2h` or `3d`.",
  });
}

/** A moment that was typed. @throws `TIME_INVALID`. */
export function typedMoment(option: string, text: string, by: MomentContext): EpochMs {
  const at = parseMoment(text, by);
  if (at !== undefined) return at;
  throw fail("TIME_INVALID", { message: `${option} is \`${text}\`: that is no moment.` });
}

/** The zone in which times without one are read: the one that was typed, else that of the machine. @throws `TIME_INVALID`. */
export function typedZone(context: CommandContext, zone: string | undefined): string {
  const name = zone ?? context.local.zone;
  if (isZone(name)) return name;
  throw fail("TIME_INVALID", {
    message: `--zone is \`${name}\`: there is no such time zone.`,
    hint: "Write an IANA name such as `Europe/Berlin` or `UTC`.",
  });
}

import { createHash } from "node:crypto";
import type { Facts } from "../model/facts.ts";
import type { Digest } from "../model/ids.ts";
import type { Json } from "../ports.ts";

/** The part of facts that planning may use and whose changes are history; see `stableFacts`. */
export type StableFacts = Omit<Facts, "clock" | "listening" | "services" | "limits" | "gaps" | "mounts" | "nics" | "halligan"> & {
  readonly mounts: readonly Omit<NonNullable<Facts["mounts"]>[number], "availBytes">[] | null;
  readonly nics: Facts["nics"];
};

/**
 * The stable part of facts. Left out, because they move without anybody changing the node:
 * - the clock, free space, `limits`, jobs left behind;
 * - listening ports and running services (timers and clients come and go; checks of a plan look at them afresh);
 * - gaps (they say how well the probe saw, not what the node is);
 * - mounts of login sessions (/run/user/...), among them the one that probing makes;
 * - virtual NICs without a global address (container ends, taps).
 */
export function stableFacts(facts: Facts): StableFacts {
  const { clock: _clock, listening: _listening, services: _services, limits: _limits, gaps: _gaps, halligan: _halligan, ...rest } = facts;
  return {
    ...rest,
    mounts:
      facts.mounts?.filter((mount) => !mount.target.startsWith("/run/user/")).map(({ availBytes: _availBytes, ...mount }) => mount) ?? null,
    nics: facts.nics?.filter((nic) => !nic.virtual || nic.addresses.some(isGlobal)) ?? null,
  };
}

function isGlobal(cidr: string): boolean {
  return !/^(fe[89ab][0-9a-f]:|169\.254\.)/i.test(cidr);
}

/** `sha256:...` over the stable part of facts, as JSON with sorted keys. Equal exactly when `diffFacts` finds nothing. */
export function factsDigest(facts: Facts): Digest {
  return `sha256:${createHash("sha256")
    .update(sortedJson(stableFacts(facts)))
    .digest("hex")}`;
}

function sortedJson(value: Json): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

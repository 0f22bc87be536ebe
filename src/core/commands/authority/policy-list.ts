import { z } from "zod";
import { defineCommand } from "../command.ts";
import type { WaiverRow } from "./policy-document.ts";

/** One rule in `policy list`. */
export interface RuleRow {
  readonly rule: string;
  readonly level: "deny" | "warn" | "info";
  readonly scope: "plan" | "node" | "role";
  readonly applies: readonly ("propose" | "plan" | "live")[];
  readonly origin: "shipped" | "cluster";
  readonly off: boolean;
  readonly owner: string | null;
  readonly file: string;
  readonly line: number;
}

/** `policy list --json`. */
export interface PolicyListDocument {
  readonly halligan: 1;
  readonly kind: "policies";
  readonly digest: string;
  readonly settings: { readonly factsMaxAgeMs: number; readonly timezone: string; readonly deadlineMs: number };
  readonly rules: readonly RuleRow[];
  /** Newest last; expired ones of the last 30 days included. */
  readonly waivers: readonly WaiverRow[];
  readonly at: number;
}

const monthMs = 30 * 86_400_000;

/** Lists rules and waivers. */
export const policyListCommand = defineCommand({
  id: "policy list",
  area: "authority",
  summary: "List the rules in force and what was waived",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan policy list", does: "all rules with their levels, and all waivers" }],
  async run(context) {
    const { waiverRow } = await import("./policy-document.ts");
    const house = await context.house();
    const at = house.clock.now();
    const { policy, digest } = await house.policy.current();
    const waivers = (await house.policy.waivers()).filter((each) => each.until > at - monthMs);
    const document: PolicyListDocument = {
      halligan: 1,
      kind: "policies",
      digest,
      settings: policy.settings,
      rules: policy.rules.map(({ id, level, scope, applies, origin, off, owner, place }) => ({
        rule: id,
        level,
        scope,
        applies,
        origin,
        off,
        owner: owner ?? null,
        file: place.file,
        line: place.line,
      })),
      waivers: waivers.toSorted((a, b) => a.at - b.at).map((each) => waiverRow(each, at)),
      at,
    };
    return { exit: 0, document: { ...document } };
  },
});

import { type Problem, problem } from "../errors.ts";
import type { Facts } from "../model/facts.ts";
import { compareVersions } from "../model/versions.ts";
import { compareText, listing } from "./catalogue.ts";
import type { BoundNodeRole } from "./graph.ts";

/** Facts by node name; nodes that were never discovered are absent. */
export type FactsByNode = ReadonlyMap<string, Facts>;

interface Os {
  readonly id: string;
  /** Null on rolling releases, which count as newer than any version. */
  readonly version: string | null;
  readonly idLike?: readonly string[];
}

/** Families whose members count their versions alike: `rhel>=9` fits Rocky Linux 9.3. Others do not: Ubuntu 22.04 is no `debian>=12`. */
const families: ReadonlySet<string> = new Set(["rhel", "suse"]);

/** True when `debian 12` fits `debian>=12`, and Rocky Linux 9.3 fits `rhel>=9`. Versions compare naturally, part by part. An unreadable rule fits nothing. */
export function platformFits(rule: string, os: Os): boolean {
  const match = /^\s*([a-z0-9._-]+?)\s*(?:(>=|<=|==|=|>|<)\s*([0-9][\w.-]*))?\s*$/u.exec(rule);
  if (match === null) return false;
  const [, id = ""] = match;
  if (id !== os.id && !(families.has(id) && (os.idLike ?? []).includes(id))) return false;
  const [, , operator, wanted = ""] = match;
  if (operator === undefined) return true;
  if (os.version === null) return operator === ">=" || operator === ">";
  const wantedParts = wanted.split(".");
  const parts = os.version.split(".");
  // `ubuntu=22` means every 22.x: only the parts that the rule names are compared for equality.
  const sameLength = operator === "=" || operator === "==" ? parts.slice(0, wantedParts.length) : parts;
  const order = compareVersions(sameLength.join("."), wanted);
  switch (operator) {
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0 || compareVersions(parts.slice(0, wantedParts.length).join("."), wanted) === 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    default:
      return order === 0;
  }
}

/** Judges `platform` of every node-role whose node has facts. Problems: `PLATFORM_UNSUPPORTED`, one per role and platform. */
export function judgePlatforms(bound: readonly BoundNodeRole[], facts: FactsByNode): readonly Problem[] {
  const unfit = new Map<string, { readonly first: BoundNodeRole; readonly os: string; readonly nodes: string[] }>();
  for (const each of bound) {
    if (each.role.platform.length === 0) continue;
    const known = facts.get(each.node.name);
    const os = known?.os ?? undefined;
    if (os === undefined || each.role.platform.some((rule) => platformFits(rule, os))) continue;
    const text = `${os.id} ${os.version ?? ""}`.trim();
    const key = `${each.role.name}\n${text}`;
    const entry = unfit.get(key);
    if (entry === undefined) unfit.set(key, { first: each, os: text, nodes: [each.node.name] });
    else entry.nodes.push(each.node.name);
  }
  return [...unfit.keys()].toSorted(compareText).flatMap((key) => {
    const entry = unfit.get(key);
    if (entry === undefined) return [];
    const { first, os, nodes } = entry;
    const supported = first.role.platform.join(", ");
    return [
      problem("PLATFORM_UNSUPPORTED", {
        message: `role ${first.role.name} supports ${supported}, and ${listing(nodes)} ${nodes.length === 1 ? "has" : "have"} ${os}`,
        at: { node: first.node.name, role: first.role.name },
      }),
    ];
  });
}

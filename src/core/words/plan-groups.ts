import { isAddress } from "../model/attributes.ts";
import type { DocumentedNodeRole, PlanDocument } from "../commands/plan-document.ts";

type Steps = DocumentedNodeRole["steps"];

/** Node-roles of one role that would do the same: shown once. */
export interface PlanGroup {
  readonly role: string;
  readonly action: "apply" | "remove";
  readonly cohort: number;
  readonly nodes: readonly string[];
  /** As on the first of the nodes. With `like`, only the steps that are different there. */
  readonly steps: Steps;
  /** The other nodes' diffs have other names and addresses. */
  readonly own: boolean;
  /** A node of an earlier group that does the same steps, some of them with another diff. */
  readonly like?: string;
  /** Something is taken away. */
  readonly destroys: boolean;
}

/**
 * What a plan would do, collapsed over nodes: what destroys first, then in the order of the run. Blocked and unchanged node-roles are left out.
 * `exact`: only node-roles with the very same diffs are one group; else names and addresses may differ, and what is mostly the same refers to the first.
 */
export function planGroups(nodeRoles: PlanDocument["nodeRoles"], exact: boolean): readonly PlanGroup[] {
  const shapes = new Map<string, Gathered[]>();
  const all: Gathered[] = [];
  for (const { role, action, cohort, node, steps, blocked } of nodeRoles) {
    if (action === "skip" || blocked !== undefined) continue;
    const name = wordPattern(node);
    const texts = steps.map((step) => textsOf(step, name));
    const shape = JSON.stringify([role, action, steps.map(({ change }, index) => [change, texts[index]?.label])]);
    const alike = shapes.get(shape) ?? [];
    shapes.set(shape, alike);
    const known = alike.find((each) => each.texts.every((one, index) => isSame(one, texts[index], exact)));
    if (known !== undefined) {
      known.nodes.push(node);
      known.own ||= !known.texts.every((one, index) => isSame(one, texts[index], true));
      continue;
    }
    const destroys = action === "remove" || steps.some((step) => step.change === "destroy");
    const group: Gathered = { role, action, cohort, nodes: [node], steps, own: false, destroys, texts };
    const [first] = exact ? [] : alike;
    if (first === undefined) alike.push(group);
    else
      alike.push({
        ...group,
        like: first.nodes[0] ?? "",
        steps: steps.filter((_, index) => !isSame(first.texts[index], texts[index], false)),
      });
    all.push(alike.at(-1) ?? group);
  }
  return all.toSorted((a, b) => Number(b.destroys) - Number(a.destroys) || a.cohort - b.cohort);
}

interface Gathered extends PlanGroup {
  readonly nodes: string[];
  own: boolean;
  readonly texts: readonly Texts[];
}

/** A step to compare: as it is, and with marks in place of the node's own name and of all addresses. */
interface Texts {
  readonly raw: string;
  readonly plain: string;
  readonly label: string;
}

/** Finds a node's name where it stands as a word of its own; what is no letter or digit of it is taken literally. */
function wordPattern(node: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${node.replaceAll(/[^\p{L}\p{N}_]/gu, "[$&]")}(?![\\p{L}\\p{N}_])`, "gu");
}

function textsOf(step: Steps[number], name: RegExp): Texts {
  const mark = (text: string): string =>
    text.replaceAll(possibleAddress, (word) => (isMarked(word) ? "\u0001" : word)).replaceAll(name, "\u0002");
  return { raw: JSON.stringify(step), plain: mark(`${step.id}\n${step.diff ?? ""}`), label: mark(step.label) };
}

function isSame(a: Texts | undefined, b: Texts | undefined, exact: boolean): boolean {
  return a !== undefined && b !== undefined && (a.raw === b.raw || (!exact && a.plain === b.plain));
}

const possibleAddress = /\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}/giu;
const macAddress = /^[\da-f]{2}(?::[\da-f]{2}){5}$/iu;

/** Of what `possibleAddress` and `macAddress` look like, never a host name. */
function isMarked(word: string): boolean {
  return isAddress(word) || macAddress.test(word);
}

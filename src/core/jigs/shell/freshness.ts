import { isBelow, meet, pathsOf } from "./batches.ts";
import type { Needs, PathNeed } from "./context.ts";
import type { StepShell } from "./kind.ts";
import type { Compiled } from "./part.ts";

/** Where accounts stand: who changes one of these changes what everybody sees of owners. */
const accountFiles: ReadonlySet<string> = new Set(["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"]);

/** How much applying this step may change of what others look at: `1` what `lookAgain` knows of, `c` the same if it creates, `2` anything. */
export function breadthOf({ own, touches }: StepShell): "1" | "c" | "2" {
  if (own === true || touches === "paths") return "1";
  return touches === undefined ? "2" : "c";
}

/**
 * The steps that must look again before they are judged where steps before them have changed something, though each of those changed only what its
 * breadth says. Others know what they need from the script's first look, or from a step in between that has looked at all of it since.
 */
export function lookAgain(steps: readonly Compiled[]): ReadonlySet<number> {
  const inSteps = steps.filter(({ section }) => section === "steps");
  const links = inSteps.flatMap((each) => (each.step.kind === "link" ? pathsOf(each) : []));
  return new Set(
    steps
      .filter((each) => {
        const at = inSteps.indexOf(each);
        if (at < 0) return true; // of other sections nothing was looked at before
        return stale(each, inSteps.slice(0, at), links);
      })
      .map(({ index }) => index),
  );
}

function stale(step: Compiled, before: readonly Compiled[], links: readonly string[]): boolean {
  const { needs, script } = step.context;
  if (before.length === 0) return false;
  if (needs.guards.size + needs.packages.size + needs.candidates.size + needs.units.size > 0) return true;
  if ([...needs.paths.keys()].some((number) => script.computed.has(number))) return true;
  return facets.some((facet) => {
    const last = before.findLastIndex(
      (other) => matters(other, step, facet) || (facet === "paths" && (beyond(other, links) || beyond(step, links))),
    );
    return last >= 0 && !before.slice(last).some(({ shell, context }) => shell?.converges === true && covers(context.needs, needs, facet));
  });
}

/** What is looked at, each for itself. */
const facets = ["users", "groups", "paths"] as const;
type Facet = (typeof facets)[number];

/** True when what the first step changes, as far as its breadth goes, may be what the second looks at. */
function matters(first: Compiled, second: Compiled, facet: Facet): boolean {
  if (second.context.needs[facet].size === 0) return false;
  const touches = first.shell?.own === true ? "paths" : first.shell?.touches;
  switch (touches) {
    case undefined:
      return false;
    case "groups":
      return facet === "groups";
    case "accounts":
      return facet !== "paths"; // who is new owns nothing yet
    case "paths": {
      const { needs, script } = first.context;
      const numbers = [...needs.paths.keys()];
      if (numbers.some((number) => script.computed.has(number))) return true;
      return numbers.some((number) => accountFiles.has(script.paths[number] ?? "")) || (facet === "paths" && meet(first, second));
    }
    default:
      return touches satisfies never;
  }
}

/** True when the step looks at something through a link that the role makes: another step may know it by another name. */
function beyond(step: Compiled, links: readonly string[]): boolean {
  return pathsOf(step).some((path) => links.some((link) => isBelow(path, link)));
}

/** True when who gathers the first has gathered the second. */
function covers(first: Needs, second: Needs, facet: Facet): boolean {
  if (facet === "paths") return [...second.paths].every(([number, wants]) => holds(first.paths.get(number), wants));
  return [...second[facet]].every((name) => first[facet].has(name));
}

function holds(first: PathNeed | undefined, { digest, content, target, matching }: PathNeed): boolean {
  if (first === undefined) return false;
  return (
    (first.digest || !digest) &&
    (first.content || !content) &&
    (first.target || !target) &&
    matching.every((pattern) => first.matching.includes(pattern))
  );
}

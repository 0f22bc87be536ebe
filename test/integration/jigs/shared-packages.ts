import { expect } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { changes, expectDone, type Ran, step } from "./run-script.ts";

type Run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[], shell: string) => Promise<Ran>;

/** The undo of a package step, told which packages stay for other roles. */
function undo(name: readonly string[], keep: readonly string[] = []): readonly ResolvedStep[] {
  return inverseSteps([step("package", { name: [...name] })]).map((each) => ({ ...each, args: { ...each.args, keep: [...keep] } }));
}

/**
 * Installs hgtest-main and hgtest-other, which both depend on hgtest-dep, for two roles, and takes them away in the ways in which they may share
 * packages. `installed` gives the names that are there, in order. All of them are gone at the end.
 */
export async function shareDependency(run: Run, installed: () => Promise<string>, shell: string): Promise<void> {
  const install = async (...name: readonly string[]): Promise<void> => {
    expectDone(await run("apply", [step("package", { name: [...name] })], shell), "changed");
  };
  const remove = async (steps: readonly ResolvedStep[], left: string): Promise<void> => {
    expect(changes(await run("check", steps, shell))).not.toEqual(["none"]);
    expectDone(await run("remove", steps, shell), "changed");
    expect(await installed()).toBe(left);
    expect(changes(await run("check", steps, shell))).toEqual(["none"]);
  };
  // Only the first role's step has the dependency in its memory.
  await install("hgtest-main");
  await install("hgtest-other");
  await remove(undo(["hgtest-main"], ["hgtest-other"]), "hgtest-dep hgtest-other ");
  await remove(undo(["hgtest-other"]), "");
  // The second role names what came along with the first.
  await install("hgtest-main");
  await remove(undo(["hgtest-main"], ["hgtest-dep"]), "hgtest-dep ");
  await remove(undo(["hgtest-dep"]), "");
  // The first role names what the second one's package needs; nobody told it.
  await install("hgtest-dep");
  await install("hgtest-other");
  await remove(undo(["hgtest-dep"]), "hgtest-dep hgtest-other ");
  await remove(undo(["hgtest-other"]), "");
  // All that the first role installed is in the list of the second, whose list is longer.
  await install("hgtest-dep");
  await install("hgtest-dep", "hgtest-other");
  await remove(undo(["hgtest-dep"], ["hgtest-dep", "hgtest-other"]), "hgtest-dep hgtest-other ");
  await remove(undo(["hgtest-dep", "hgtest-other"]), "");
}

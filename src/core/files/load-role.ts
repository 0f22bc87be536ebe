import { problem } from "../errors.ts";
import type { CheckSource, Input, Output, Role, StepSource } from "../model/barclamp.ts";
import type { RoleFile } from "../model/barclamp-file.ts";
import { suggestion } from "../model/suggest.ts";
import type { Json } from "../ports.ts";
import type { BarclampContext } from "./barclamp-context.ts";
import { checkTexts, isTemplate, type TemplateNames } from "./check-templates.ts";
import { loadDeprecation } from "./load-deprecation.ts";
import { loadProofs } from "./load-proofs.ts";
import { loadStep, loadSteps, type StepList } from "./load-steps.ts";
import type { YamlPath } from "./yaml-tree.ts";

/** Builds a role. Problems: those of its steps, `NOTIFY_UNKNOWN`, `STEP_UNKNOWN`, `VALUE_INVALID`. */
export function loadRole(name: string, barclamp: string, file: RoleFile, context: BarclampContext): Role {
  const path = ["roles", name];
  const names: TemplateNames = { inputs: new Set(Object.keys(file.inputs ?? {})) };
  const list = (values: readonly unknown[] | undefined, key: string, part: YamlPath, kind: StepList): readonly StepSource[] =>
    loadSteps(values ?? [], [...path, ...part, key], kind, names, context);
  const steps = list(file.steps, "steps", [], "steps");
  const before = list(file.around?.before, "before", ["around"], "around");
  const after = list(file.around?.after, "after", ["around"], "around");
  const onFailure = list(file.around?.onFailure, "onFailure", ["around"], "around");
  const undo = file.undo === undefined ? undefined : list(file.undo, "undo", [], "undo");
  checkNotify(steps, context);
  checkSelf(name, file, path, context);
  return {
    name,
    barclamp,
    ...(file.description === undefined ? {} : { description: file.description }),
    ...loadDeprecation(file.deprecated),
    jig: file.jig ?? "shell",
    ...(file.critical === true ? { critical: true } : {}),
    requires: file.requires ?? [],
    conflicts: file.conflicts ?? [],
    platform: (file.platform ?? []).map((each) => each.replaceAll(" ", "")),
    provides: file.provides ?? [],
    inputs: loadInputs(file),
    steps,
    outputs: loadOutputs(file, steps, path, names, context),
    checks: loadChecks(file, path, names, context),
    verify: list(file.verify, "verify", [], "verify"),
    proves: loadProofs(file.proves ?? {}, [...path, "proves"], (steps, at) => loadSteps(steps, at, "proves", names, context), context),
    ...(undo === undefined ? {} : { undo }),
    around: { before, after, onFailure },
    ...(file.cluster === undefined
      ? {}
      : {
          cluster: {
            order: file.cluster.order,
            ...(file.cluster.batch === undefined ? {} : { batch: file.cluster.batch }),
            ...(file.cluster.quorum === undefined ? {} : { quorum: file.cluster.quorum }),
            ...(file.cluster.founding === undefined ? {} : { founding: file.cluster.founding }),
          },
        }),
    place: context.tree.keyPlace(path),
  };
}

function checkSelf(name: string, file: RoleFile, path: YamlPath, context: BarclampContext): void {
  for (const key of ["requires", "conflicts"] as const) {
    const index = (file[key] ?? []).indexOf(name);
    if (index === -1) continue;
    context.report(
      problem("VALUE_INVALID", {
        message: `Role ${name} ${key} itself.`,
        at: context.tree.valuePlace([...path, key, index]),
        hint: "Remove it from the list.",
      }),
    );
  }
}

/** Names under which a step can be meant: its `name`, its id, and what its id ends with. */
function meant(step: StepSource): readonly string[] {
  return [step.common.name, step.id, step.id.slice(step.kind.length + 1)].filter((each) => each !== undefined);
}

function checkNotify(steps: readonly StepSource[], context: BarclampContext): void {
  const known = new Set(steps.flatMap(meant));
  const names = steps.flatMap((each) => (each.common.name === undefined ? [] : [each.common.name]));
  for (const step of steps) {
    for (const target of step.common.notify) {
      if (known.has(target) || isTemplate(target)) continue;
      const hint = suggestion(target, names) ?? "Give a service or command step of this role that name.";
      context.report(
        problem("NOTIFY_UNKNOWN", { message: `\`notify\` names \`${target}\`, and the role has no such step.`, at: step.place, hint }),
      );
    }
  }
}

function loadInputs(file: RoleFile): Readonly<Record<string, Input>> {
  const entries = Object.entries(file.inputs ?? {}).map(([name, input]): readonly [string, Input] => [
    name,
    { from: input.from, all: input.all ?? false, ...(input.default === undefined ? {} : { default: input.default as Json }) },
  ]);
  return Object.fromEntries(entries);
}

function loadOutputs(
  file: RoleFile,
  steps: readonly StepSource[],
  path: YamlPath,
  names: TemplateNames,
  context: BarclampContext,
): Readonly<Record<string, Output>> {
  const outputs: Record<string, Output> = {};
  const known = new Set(steps.flatMap(meant));
  for (const [name, output] of Object.entries(file.outputs ?? {})) {
    const { type, capability, value, fromStep } = output;
    outputs[name] = {
      type,
      ...(capability === undefined ? {} : { capability }),
      ...(value === undefined ? {} : { value }),
      ...(fromStep === undefined ? {} : { fromStep }),
    };
    if (value !== undefined) checkTexts(value, [...path, "outputs", name, "value"], names, context);
    if (fromStep !== undefined && type === "secret") {
      // What steps print is kept in the journal and the logs, and cannot be recognised there before it is known.
      const message = `Output ${name} is a secret that a step prints; that belongs to a later version.`;
      const hint = "Make it a secret of the deployment (`generate`, `env`, `file`), and let the output be a `value` with it.";
      context.report(problem("LATER_STAGE", { message, at: context.tree.valuePlace([...path, "outputs", name, "type"]), hint }));
    }
    if (fromStep === undefined || known.has(fromStep)) continue;
    const stepNames = steps.flatMap((each) => (each.common.name === undefined ? [] : [each.common.name]));
    const at = context.tree.valuePlace([...path, "outputs", name, "fromStep"]);
    context.report(
      problem("STEP_UNKNOWN", { message: `The role has no step \`${fromStep}\`.`, at, hint: suggestion(fromStep, stepNames) }),
    );
  }
  return outputs;
}

function loadChecks(file: RoleFile, path: YamlPath, names: TemplateNames, context: BarclampContext): readonly CheckSource[] {
  const codes = new Set<string>();
  return (file.checks ?? []).flatMap((check, index): readonly CheckSource[] => {
    const { code, message, hint, curedBy = [] } = check;
    const step = loadStep(check as Readonly<Record<string, Json>>, [...path, "checks", index], "checks", names, context);
    if (step === undefined) return [];
    const id = codes.has(code) ? `${code} ${step.id}` : code;
    codes.add(code);
    if (message !== undefined) checkTexts(message, [...path, "checks", index, "message"], names, context);
    if (hint !== undefined) checkTexts(hint, [...path, "checks", index, "hint"], names, context);
    const said = { ...(message === undefined ? {} : { message }), ...(hint === undefined ? {} : { hint }) };
    return [{ code, step: { ...step, id }, curedBy, ...said }];
  });
}

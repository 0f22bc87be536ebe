import { HalliganError, type Problem, problem } from "../errors.ts";
import { type Fixture, loadFixture } from "../files/load-fixture.ts";
import { resolveSettings } from "../files/settings.ts";
import { wholeOf } from "../jigs/script.ts";
import { compileScript } from "../jigs/shell/compile.ts";
import type { ShellCompileInput } from "../jigs/shell/part.ts";
import { type FixtureState, fixtureStateSchema } from "../jigs/shell/fixture-state.ts";
import { createFrameParser } from "../jigs/shell/frame-parser.ts";
import { kindView } from "../jigs/shell/kind-view.ts";
import type { Facts } from "../model/facts.ts";
import type { Change } from "../model/plan.ts";
import { type RenderedProof, type Resolution, Resolver } from "../plan/resolve.ts";
import { suggestion } from "../model/suggest.ts";
import { isMigrationFixture, runMigrationFixture } from "./fixture-migration.ts";
import { fixtureWorld } from "./fixture-world.ts";
import type { FoundBarclamp, Local } from "./local.ts";

/** How one fixture went. */
export interface FixtureResult {
  readonly barclamp: string;
  readonly file: string;
  readonly role: string | null;
  readonly title: string | null;
  readonly outcome: "passed" | "failed";
  /** Steps whose change is another than expected. `absent`: the role has no such step. */
  readonly differences: readonly { readonly step: string; readonly expected: Change; readonly actual: Change | "absent" }[];
  readonly problems: readonly Problem[];
}

const timeoutMs = 60_000;

/** Runs one fixture: renders the role, compiles its check with the fixture in place of the machine, runs it under /bin/sh, compares. */
export async function runFixture(
  found: FoundBarclamp,
  source: { readonly file: string; readonly text: string },
  local: Local,
): Promise<FixtureResult> {
  if (isMigrationFixture(source.text)) return runMigrationFixture(found, source);
  const { fixture, problems } = loadFixture(source, fixtureStateSchema);
  const base = { barclamp: found.name, file: source.file, role: fixture?.role ?? null, title: fixture?.title ?? null };
  const failed = (why: readonly Problem[]): FixtureResult => ({ ...base, outcome: "failed", differences: [], problems: why });
  if (fixture === undefined || problems.length > 0) return failed(problems);
  if (found.barclamp === undefined) return failed(found.problems);
  if (found.barclamp.roles[fixture.role] === undefined) {
    const hint = suggestion(fixture.role, Object.keys(found.barclamp.roles));
    return failed([
      problem("ROLE_UNKNOWN", {
        message: `Barclamp ${found.name} has no role \`${fixture.role}\`.`,
        at: { file: source.file, line: 1, column: 1 },
        hint,
      }),
    ]);
  }
  try {
    const { resolution, proofs, manager } = render(found, fixture);
    const [first, ...rest] = [...resolution.problems, ...proofProblems(proofs, fixture, source.file)];
    if (first !== undefined) return failed([first, ...rest]);
    const observe = withSources(fixture.observed ?? {}, found.barclamp.files, source.file);
    const actual = await judge({ mode: "check", nodeRole: resolution.resolved, observe, manager }, local);
    const differences = compare(fixture.changes, actual);
    return { ...base, outcome: differences.length === 0 ? "passed" : "failed", differences, problems: [] };
  } catch (error) {
    if (error instanceof HalliganError) return failed(error.problems);
    throw error;
  }
}

function render(
  found: FoundBarclamp & { readonly barclamp?: unknown },
  fixture: Fixture<FixtureState>,
): { readonly resolution: Resolution; readonly proofs: readonly RenderedProof[]; readonly manager: Facts["packageManager"] } {
  const world = fixtureWorld(found.barclamp as NonNullable<FoundBarclamp["barclamp"]>, fixture);
  const resolver = new Resolver({
    cluster: world.cluster,
    graph: world.graph,
    facts: world.facts,
    kinds: kindView,
    settings: (each) => resolveSettings(world.cluster, each.deployment, each.node, each.barclamp),
    secrets: world.secrets,
  });
  const [facts] = world.facts.values();
  const proofs = world.ordered.bound.role.proves.map((proof) => resolver.proof(world.ordered, proof));
  return { resolution: resolver.resolve(world.ordered), proofs, manager: facts?.packageManager ?? "apt" };
}

/** What is wrong with the role's proofs: they cannot be rendered, or are others than the fixture says. */
function proofProblems(proofs: readonly RenderedProof[], { proves }: Fixture<FixtureState>, file: string): readonly Problem[] {
  const broken = proofs.flatMap((each) => each.problems);
  const there = proofs.flatMap(({ proof, steps }) => (steps.length > 0 ? [proof.id] : [])).toSorted();
  if (proves === undefined || broken.length > 0 || there.join(" ") === [...new Set(proves)].toSorted().join(" ")) return broken;
  const message = `With these settings the role proves ${there.length === 0 ? "nothing" : there.join(", ")}; the fixture says ${proves.length === 0 ? "nothing" : proves.join(", ")}.`;
  return [problem("VALUE_INVALID", { message, at: { file, line: 1, column: 1 }, hint: "Correct `proves` in the fixture, or the role." })];
}

/** The observed state with the contents of barclamp files in place of their names. @throws `SOURCE_MISSING`. */
function withSources(state: FixtureState, files: ReadonlyMap<string, Uint8Array>, file: string): FixtureState {
  const entries = Object.entries(state.files ?? {}).map(([path, seen]) => {
    if (seen?.source === undefined) return [path, seen] as const;
    const bytes = files.get(`files/${seen.source}`);
    const at = { file, line: 1, column: 1 };
    if (bytes === undefined)
      throw new HalliganError([problem("SOURCE_MISSING", { message: `The barclamp has no \`files/${seen.source}\`.`, at })]);
    return [path, { ...seen, content: new TextDecoder().decode(bytes) }] as const;
  });
  return { ...state, files: Object.fromEntries(entries) };
}

/** The changes that the role's check sees, by step id. @throws `CHECK_FAILED`, `PROTOCOL_ERROR`, `STEP_TIMEOUT`. */
async function judge(input: ShellCompileInput, local: Local): Promise<ReadonlyMap<string, Change>> {
  const compiled = compileScript(input);
  const { log, stderr } = await local.runCheck(wholeOf(compiled.script), timeoutMs);
  const frames = createFrameParser().push(log);
  const changes = new Map<string, Change>();
  const ids = new Map(compiled.steps.map((step) => [step.index, step.id]));
  for (const frame of frames) {
    if (frame.type === "observed") changes.set(ids.get(frame.index) ?? "?", frame.change);
    if (frame.type === "end" && frame.status === "failed")
      throw new HalliganError([problem("CHECK_FAILED", { message: frame.message, at: { step: ids.get(frame.index) ?? "?" } })]);
  }
  if (frames.at(-1)?.type !== "done") {
    throw new HalliganError([
      problem("PROTOCOL_ERROR", {
        message: "The check of the fixture stopped before its end.",
        cause: stderr.trim().slice(-400) || undefined,
      }),
    ]);
  }
  return changes;
}

/** Steps that a fixture does not name must not change. */
function compare(expected: Readonly<Record<string, Change>>, actual: ReadonlyMap<string, Change>): FixtureResult["differences"] {
  const ids = new Set([...actual.keys(), ...Object.keys(expected)]);
  return [...ids].flatMap((step) => {
    const wanted = expected[step] ?? "none";
    const found = actual.get(step) ?? "absent";
    return wanted === found ? [] : [{ step, expected: wanted, actual: found }];
  });
}

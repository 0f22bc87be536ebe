import type { StepKind } from "../jigs/shell/kind.ts";
import type { Json } from "../ports.ts";
import type { Args, KindLookup, KindView } from "./kinds.ts";

/** The step kinds of a jig as the planner sees them. */
export function kindViews(kinds: ReadonlyMap<string, StepKind>): KindLookup {
  const views = new Map([...kinds].map(([name, kind]) => [name, viewOf(kind)]));
  return (name) => views.get(name);
}

function viewOf(kind: StepKind): KindView {
  return {
    accept(written) {
      const args = isMap(written) ? written : (kind.shorthand(written) ?? written);
      const parsed = kind.schema.safeParse(args);
      if (parsed.success) return { ok: true, args: parsed.data as Args };
      return { ok: false, issues: parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })) };
    },
    label: (args) => kind.label(args),
    sources: kind.sources,
  };
}

function isMap(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

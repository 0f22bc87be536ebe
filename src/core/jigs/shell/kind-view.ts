import type { Json } from "../../ports.ts";
import type { KindView } from "../../plan/kinds.ts";
import { stepKinds } from "./kinds/index.ts";

/** The planner's view of a step kind; `undefined` = there is no such kind. */
export function kindView(name: string): KindView | undefined {
  const kind = stepKinds.get(name);
  if (kind === undefined) return undefined;
  return {
    sources: kind.sources,
    secretArgs: kind.secretArgs,
    label: (args) => {
      const parsed = kind.schema.safeParse(args);
      return parsed.success ? kind.label(parsed.data) : name;
    },
    accept(args: Json) {
      const parsed = kind.schema.safeParse(args);
      if (parsed.success) return { ok: true, args: args as Readonly<Record<string, Json>> };
      return { ok: false, issues: parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })) };
    },
  };
}

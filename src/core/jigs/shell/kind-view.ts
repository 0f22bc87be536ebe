import type { Json } from "../../ports.ts";
import type { KindView } from "../../plan/kinds.ts";
import { asText } from "./as-text.ts";
import { checkArgs } from "./checked.ts";
import { stepKinds } from "./kinds/index.ts";

/** The planner's view of a step kind; `undefined` = there is no such kind. */
export function kindView(name: string): KindView | undefined {
  const kind = stepKinds.get(name);
  if (kind === undefined) return undefined;
  return {
    sources: kind.sources,
    secretArgs: kind.secretArgs,
    label: (args) => {
      const parsed = checkArgs(kind, args);
      return parsed.success ? kind.label(parsed.data) : name;
    },
    accept(args: Json) {
      const first = checkArgs(kind, args);
      if (first.success) return { ok: true, args: args as Readonly<Record<string, Json>> };
      const turned = asText(args, first.error.issues);
      const parsed = turned === undefined ? first : checkArgs(kind, turned);
      if (parsed.success) return { ok: true, args: turned as Readonly<Record<string, Json>> };
      return { ok: false, issues: parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })) };
    },
  };
}

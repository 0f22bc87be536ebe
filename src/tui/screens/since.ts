import { planChanges } from "../../core/authority/approvals/changes.ts";
import { newestPlanTopic, planTopic } from "../data/topics.ts";
import { known, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { askToApply } from "../state/ask-apply.ts";
import { type Tone, line } from "../text/line.ts";
import { type View, defineScreen, whenReady } from "./screen.ts";
import { prose, toldRow } from "./told.ts";

/** What the newest plan would do otherwise than an earlier one. */
export const sinceScreen = defineScreen<null>({
  id: "since",
  about: "What the newest plan would do otherwise than the one before.",
  title: ({ param }) => `since ${param}`,
  topics: (_, { param }) => [newestPlanTopic, planTopic(param)],
  start: () => null,
  view: ({ world, param, width }) =>
    whenReady(see(world, planTopic(param)), param, (before): View => {
      const now = known(world, newestPlanTopic);
      if (now === undefined || now.id === before.id) return { kind: "empty", says: `${param} is the newest plan.`, command: "plan" };
      const same = now.digest === before.digest;
      const lines = same ? [`${now.id} is the same plan as ${before.id}.`] : planChanges(before.body, now.body);
      return {
        kind: "body",
        head: [
          line(["   ", "plain"], [now.id, "strong"], ` against ${before.id}`, [
            same ? "" : "   enter shows all of it, A applies it",
            "dim",
          ]),
        ],
        rows: lines.flatMap((text, index) => prose(`${index}`, text, width - 4, toneOf(text))).map(toldRow),
      };
    }),
  keys: [
    keyRow("since", "open", ["enter", "l", "right"], "the whole plan", { hint: 9 }),
    keyRow("since", "apply", ["A"], "apply", { hint: 9, level: "types" }),
  ],
  actions: {
    open: ({ world }) => [{ want: "open", screen: "plan", param: known(world, newestPlanTopic)?.id ?? "" }],
    apply: ({ world }) => {
      const plan = known(world, newestPlanTopic);
      return plan === undefined ? [] : askToApply(plan, world);
    },
  },
});

function toneOf(text: string): Tone {
  if (/: no longer in the plan|is gone/u.test(text)) return "del";
  return /: new, /u.test(text) ? "add" : "change";
}

import type { LoadedCluster } from "../../core/house.ts";
import type { Problem } from "../../core/errors.ts";
import { count } from "../../core/words/count.ts";
import { changedLines } from "../../core/words/text-diff.ts";
import { newestPlanTopic, runsTopic } from "../data/topics.ts";
import { type World, known } from "../data/world.ts";
import type { Intent } from "../screens/screen.ts";

/** A file before and after somebody had it in an editor; absent = there was none. */
export interface Edited {
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const linesShown = 8;

/** What follows an edit: nothing, the problems of the files, or the offer to plan again. `loaded`: the files as they are now. */
export function afterEdit(
  edited: Edited,
  loaded: { readonly files: LoadedCluster } | { readonly problems: readonly Problem[] },
  revision: string | undefined,
  world: World,
): readonly Intent<never>[] {
  const { file, before, after } = edited;
  const name = file.split("/").at(-1) ?? file;
  if ("problems" in loaded) {
    return [
      { want: "open", screen: "problems", param: "" },
      { want: "notice", tone: "bad", text: `${name}: ${count(loaded.problems.length, "problem")}; enter goes to the place.` },
    ];
  }
  if (before === after) return [{ want: "notice", tone: "plain", text: `${name} is as it was.` }];
  if (loaded.files.revision === revision)
    return [{ want: "notice", tone: "ok", text: `${name} has changed and counts from now on; plans stay as they are.` }];
  const lines = changedLines(before ?? "", after ?? "");
  const plan = known(world, newestPlanTopic);
  const ran = known(world, runsTopic)?.some((run) => run.plan === plan?.id) === true;
  const opens = plan === undefined || ran ? { screen: "plan", param: "" } : { screen: "since", param: plan.id };
  return [
    {
      want: "ask",
      confirmation: {
        level: "asks",
        title: "plan again",
        says: [
          `${name} has changed${plan === undefined || ran ? "" : `, so ${plan.id} will not run any more`}. Plan again? A plan changes nothing.`,
          ...lines.slice(0, linesShown),
          ...(lines.length > linesShown ? [`and ${count(lines.length - linesShown, "more line")}`] : []),
        ],
        command: "halligan plan",
        effects: [{ do: "run", argv: ["plan"], show: "quiet", opens }],
      },
    },
  ];
}

import type { Problem } from "../../core/errors.ts";
import { count } from "../../core/words/count.ts";
import { problemLines } from "../data/problem-lines.ts";
import { filesTopic } from "../data/topics.ts";
import { type World, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { line, lineText } from "../text/line.ts";
import { type Row, type View, defineScreen } from "./screen.ts";

/** What is wrong with the cluster's files. */
export const problemsScreen = defineScreen<null>({
  id: "problems",
  about: "What is wrong with the cluster's files, each with its place; enter opens the editor there.",
  title: () => "problems",
  named: true,
  topics: () => [filesTopic],
  start: () => null,
  view: ({ world, width, look }): View => {
    const problems = problemsOf(world);
    if (problems.length === 0) {
      const { phase } = see(world, filesTopic);
      return phase === "loading"
        ? { kind: "waiting", what: "the cluster's files", since: world.now }
        : { kind: "empty", says: "Nothing is wrong with the files.", command: "plan" };
    }
    return {
      kind: "body",
      head: [
        line(
          ["   ", "plain"],
          [`${look.glyphs.bad} ${count(problems.length, "problem")}; until they are mended nothing can be planned.`, "bad"],
        ),
      ],
      rows: problems.flatMap((each, index): readonly Row[] =>
        problemLines([each], width - 4).map((drawn, at) => ({ id: `${index}:${at}`, text: lineText(drawn).trim(), line: () => drawn })),
      ),
    };
  },
  keys: [keyRow("problems", "open", ["enter", "l", "right", "e"], "edit there", { hint: 9 })],
  actions: {
    open: ({ row, world }) => {
      const at = problemsOf(world)[Number(row?.id.split(":")[0] ?? "0")]?.at;
      const where = at !== undefined && "file" in at ? { file: at.file, line: at.line } : { file: world.file };
      return [{ want: "effect", effect: { do: "foreground", what: { kind: "editor", ...where } } }];
    },
  },
});

function problemsOf(world: World): readonly Problem[] {
  const loaded = see(world, filesTopic);
  return loaded.phase === "failed" || loaded.phase === "stale" ? loaded.problems : [];
}

import type { ClusterPlace, FilePlace, Problem } from "../../core/errors.ts";
import { placeOf } from "../../core/words/problem.ts";
import type { Style } from "../grammar/lines.ts";
import { context, section } from "../text/blocks.ts";
import { cutText } from "../text/cut.ts";
import { bold, channelLink, code, empty, esc, joined, mrkdwn, type SlackText } from "../text/slack-text.ts";
import { hint, type Told, told } from "./told.ts";

const mostShown = 5;

/** Problems as a message: code, what, where, cause, what to do; `next` is the command to type, complete. */
export function problemsMessage(
  problems: readonly [Problem, ...Problem[]],
  style: Style,
  next?: { readonly line: string; readonly channels?: readonly string[] },
): Told {
  const [first] = problems;
  const shown = problems.slice(0, mostShown);
  const more = problems.length - shown.length;
  const where = next?.channels?.map(channelLink) ?? [];
  const typed =
    next === undefined
      ? empty
      : where.length > 0
        ? mrkdwn`Type ${code(next.line)} in ${joined(where.slice(0, 10), ", ")}.`
        : mrkdwn`Type: ${code(next.line)}`;
  const text = cutText(joined([mrkdwn`${esc(first.code)}: ${hint(style, first.message)}`, hint(style, first.hint), typed], " "), 1_500);
  return told(
    text,
    ...shown.map((each) => section(paragraph(each, style), 1_300)),
    more === 0 ? undefined : context(mrkdwn`${more} more; \`halligan\` in a terminal shows all of them.`),
    typed === empty ? undefined : section(cutText(typed, 1_000)),
  );
}

function paragraph(problem: Problem, style: Style): SlackText {
  const { code: name, message, at, cause } = problem;
  return joined(
    [
      mrkdwn`${bold(esc(name))} ${place(at)}${hint(style, message)}`,
      cause === undefined ? empty : mrkdwn`Cause: ${cutText(hint(style, cause), 400)}`,
      mrkdwn`Next: ${hint(style, problem.hint)}`,
    ],
    "\n",
  );
}

function place(at: FilePlace | ClusterPlace | undefined): SlackText {
  if (at === undefined) return empty;
  if ("file" in at) return mrkdwn`${code(`${at.file.split("/").at(-1) ?? at.file}:${at.line}:${at.column}`)} `;
  const found = placeOf(at);
  return found === undefined ? empty : mrkdwn`${code([found.id, found.step ?? ""].filter((part) => part !== "").join(" "))} `;
}

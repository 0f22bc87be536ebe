import type { LogsDocument } from "../../core/commands/logs-show.ts";
import type { Passing } from "../../core/commands/command.ts";
import { count } from "../../core/words/count.ts";
import type { Style } from "../grammar/lines.ts";
import { context, header, section } from "../text/blocks.ts";
import { limits } from "../text/limits.ts";
import { block, code, esc, mrkdwn } from "../text/slack-text.ts";
import { nextLine, type Told, told } from "./told.ts";

/** The most of a run's output that is kept for an answer, in characters; the end of it. */
const mostKept = 900_000;
const mostShown = 2_000;

/** Output as it passed, its end when it is very long. */
export interface Output {
  take(passing: Passing): void;
  readonly text: string;
  readonly cut: boolean;
}

/** Collects what a command passes on of logs. Lines of several logs begin with their NODE/ROLE. */
export function collectOutput(): Output {
  let text = "";
  let cut = false;
  return {
    take(passing) {
      if (passing.type !== "log") return;
      const { node, role, alone } = passing;
      text += alone === true ? passing.text : passing.text.replaceAll(/^(?=.)/gmu, `${node}/${role}  `);
      if (text.length <= mostKept) return;
      cut = true;
      text = text.slice(-mostKept);
      text = text.slice(text.indexOf("\n") + 1);
    },
    get text() {
      return text;
    },
    get cut() {
      return cut;
    },
  };
}

/** `logs`: the end of the output here, all of it in a file. */
export function logsAnswer({ run, phase, logs }: LogsDocument, { text, cut }: Pick<Output, "text" | "cut">, style: Style): Told {
  const of = style.cluster === undefined ? "" : ` of ${style.cluster}`;
  if (text.trim() === "") {
    const said =
      logs.length === 0 ? mrkdwn`Nothing of this has run in ${esc(run + of)}.` : mrkdwn`The steps of ${esc(run + of)} printed nothing.`;
    return told(said, section(said), nextLine(style, `\`halligan why ${run}\` tells where the run stands.`));
  }
  const all = text.replace(/\n+$/u, "").split("\n");
  let tail = all.slice(-30).join("\n").slice(-mostShown);
  while (block(tail).length > limits.sectionText - 100 && tail.length > 200) tail = tail.slice(Math.ceil(tail.length * 0.2));
  const shown = tail.split("\n").length;
  const whole = shown === all.length && tail.length >= text.trimEnd().length;
  const title = `Output of ${run}${of}`;
  const summary = `${count(logs.length, "node-role")}, ${count(all.length, "line")}${cut ? ", the beginning is cut" : ""}`;
  const said = told(
    mrkdwn`${esc(title)} (${esc(phase === "requested" ? "going on" : phase)}): ${esc(summary)}. It ends with: ${code(all.at(-1) ?? "")}`,
    header(title),
    section(block(tail)),
    context(whole ? mrkdwn`${esc(summary)}` : mrkdwn`The last ${shown} lines of ${esc(summary)}; all of it is in the file.`),
  );
  return whole ? said : { ...said, file: { name: `${run}${style.cluster === undefined ? "" : `-${style.cluster}`}.log`, title, text } };
}

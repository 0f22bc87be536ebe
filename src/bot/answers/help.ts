import type { Area, CommandDefinition, Need } from "../../core/commands/command.ts";
import { commandHelp, helpDocument } from "../../core/commands/help.ts";
import { defaultText } from "../../core/commands/shape.ts";
import { suggestion } from "../../core/model/suggest.ts";
import { chatExamples, fitsChat, type Style, takesCluster, typedLine } from "../grammar/lines.ts";
import { context, header, lines, section } from "../text/blocks.ts";
import { bold, channelLink, code, empty, esc, joined, mrkdwn, prose, type SlackText } from "../text/slack-text.ts";
import { hint, nextLine, type Told, told } from "./told.ts";

/** For whom help is, and where. */
export interface HelpAsker {
  readonly style: Style;
  readonly clusters: readonly string[];
  readonly elsewhere: ReadonlyMap<string, readonly string[]>;
  /** What the caller may do in one of the clusters at least; commands that need something else are not listed. */
  readonly may: ReadonlySet<Need>;
}

/** Help: all commands that the caller may use, a group of them, or one in full. */
export function helpAnswer(words: readonly string[], asker: HelpAsker): Told {
  const { style } = asker;
  const id = words.join(" ");
  const known = style.commands.filter(fitsChat);
  const one = style.commands.find((each) => each.id === id && each.hidden !== true);
  if (one !== undefined) return commandAnswer(one, asker);
  const usable = known.filter(({ needs }) => asker.may.has(needs));
  const listed = helpDocument(usable, id);
  if (listed.areas.length > 0) return overview(listed.areas, id, asker);
  const group = known.some((each) => id === "" || each.id.startsWith(`${id} `));
  const said = group
    ? mrkdwn`There is nothing here that you may do${id === "" ? empty : mrkdwn` with ${code(id)}`}.`
    : mrkdwn`There is no command ${code(id)}. ${hint(
        style,
        suggestion(
          id,
          known.map((each) => each.id),
        ) ?? "",
      )}`;
  return told(said, section(said, 1_500), group ? undefined : nextLine(style, "`halligan help` lists the commands."));
}

function overview(
  areas: readonly { readonly area: Area; readonly commands: readonly { readonly id: string; readonly summary: string }[] }[],
  prefix: string,
  { style, clusters, elsewhere }: HelpAsker,
): Told {
  const all = areas.flatMap(({ commands }) => commands);
  const here = clusters.length === 0 ? "no cluster" : clusters.slice(0, 20).join(", ");
  const others = [...elsewhere]
    .slice(0, 10)
    .map(([name, channels]) => mrkdwn`${esc(name)} in ${joined(channels.slice(0, 3).map(channelLink), ", ")}`);
  const places = mrkdwn`Clusters that may be named here: ${esc(here)}.${others.length === 0 ? empty : mrkdwn` Elsewhere: ${joined(others, ", ")}.`}`;
  const rule = mrkdwn`The cluster stands behind the command: ${code(typedLine(style, ["status", clusters[0] ?? "CLUSTER"]))}. In the thread of a plan or run it may be left out.`;
  const shown = areas.map(({ area, commands }) => {
    const names = commands.map(({ id, summary }) => (all.length > 30 && prefix === "" ? code(id) : mrkdwn`${code(id)} ${esc(summary)}`));
    return mrkdwn`${bold(esc(area))}: ${all.length > 30 && prefix === "" ? joined(names, ", ") : lines([empty, ...names], 40, 2_400, (left) => mrkdwn`… ${left} more`)}`;
  });
  const examples = ["status", "plan", "what", "why R-3"].flatMap((line) => {
    const command = style.commands.find(({ id }) => line.startsWith(id));
    const may = command !== undefined && all.some(({ id }) => id === command.id);
    return may && takesCluster(command)
      ? [code(typedLine(style, [command.id, clusters[0] ?? "CLUSTER", ...line.split(" ").slice(1)]))]
      : [];
  });
  return told(
    mrkdwn`You may use ${all.length} commands here. ${places}`,
    header(prefix === "" ? "What you may type here" : `Commands that begin with ${prefix}`),
    section(joined([places, rule], "\n"), 2_000),
    ...shown.slice(0, 12).map((text) => section(text, 900)),
    examples.length === 0 ? undefined : section(mrkdwn`For example: ${joined(examples, ", ")}`, 800),
    context(mrkdwn`${code(typedLine(style, ["help", "apply"]))} explains one command.`),
  );
}

/** One command, whoever asks: who may use it is told. */
function commandAnswer(definition: CommandDefinition, { style, may }: HelpAsker): Told {
  const { id, summary, details, positionals, options, roles } = commandHelp(definition);
  const said = mrkdwn`${code(id)}: ${esc(summary)}.`;
  if ("no" in definition.chat) {
    const why = mrkdwn`It does not work in chat. ${prose(definition.chat.no)}`;
    return told(joined([said, why], " "), section(joined([said, why], "\n")));
  }
  const { always = {}, without = [] } = definition.chat;
  const own = options.filter(({ key }) => !(key in always) && !without.includes(key));
  const args = [...positionals, ...own].map((shape) => {
    const standard = defaultText(shape);
    const name = positionals.includes(shape) || shape.kind === "boolean" ? shape.word : `${shape.word} ${shape.choices.join("|") || "…"}`;
    return mrkdwn`${code(name)} ${prose(shape.description)}${standard === undefined ? empty : mrkdwn` (default: ${esc(standard)})`}`;
  });
  const cluster = takesCluster(definition) ? [mrkdwn`${code("CLUSTER")} ${esc(style.cluster ?? "the cluster's name")}`] : [];
  const examples = chatExamples(style, definition).map(({ line, does }) => mrkdwn`${code(line)} ${esc(does)}`);
  const allowed = may.has(definition.needs);
  const need =
    definition.needs === "nothing"
      ? "It needs no role."
      : `It needs the role ${roles.join(" or ")}${allowed ? ", which you have" : ", which you do not have"}.`;
  const rest = (left: number): SlackText => mrkdwn`… ${left} more`;
  return told(
    joined([said, ...examples.slice(0, 1)], " "),
    header(`${id}: ${summary}`),
    details === "" ? undefined : section(hint(style, details), 1_500),
    section(lines([...cluster, ...args], 20, 2_000, rest)),
    examples.length === 0 ? undefined : section(joined([mrkdwn`*For example*`, lines(examples, 6, 1_200, rest)], "\n")),
    context(esc(need)),
  );
}

import type { ProposalDocument, ProposalEntry, ProposalsDocument } from "../../../core/commands/intent/proposal-document.ts";
import { count, listed } from "../../../core/words/count.ts";
import { agoWords } from "../../../core/words/time.ts";
import { renderProblems } from "../../problems.ts";
import { type Screen, table } from "../../screen.ts";
import { diffLines } from "./diff-lines.ts";

/** Proposals as a table. */
export function proposalsView({ proposals, more, at }: ProposalsDocument, screen: Screen): readonly string[] {
  if (proposals.length === 0)
    return [
      "There are no open proposals.",
      `Next: ${screen.bold("halligan set PATH=VALUE")} makes one; ${screen.bold("--all")} lists those that are over.`,
    ];
  return [
    ...table<ProposalEntry>(
      screen,
      [
        { title: "PROPOSAL", cell: (each) => each.proposal },
        { title: "WHEN", cell: (each) => agoWords(at - each.at) },
        { title: "BY", cell: (each) => each.editors.at(-1) ?? each.author },
        { title: "STATE", cell: stateText },
        { title: "CHANGES", cell: (each) => pathsText(each.paths), flexible: true },
        { title: "NOTE", cell: (each) => each.note ?? "", flexible: true },
      ],
      proposals,
    ),
    ...(more === 0 ? [] : [`${count(more, "older proposal")} not shown: \`--limit\``]),
  ];
}

function stateText({ state, stale, conflicts }: ProposalEntry): string {
  if (state.phase === "committed") return `committed as ${state.revision}`;
  if (state.phase === "dropped") return `dropped by ${state.by}`;
  const against =
    conflicts.length === 0
      ? ""
      : `, against ${listed(
          conflicts.map((each) => each.proposal),
          3,
        )}`;
  return `open${stale ? ", stale" : ""}${against}`;
}

function pathsText(paths: readonly string[]): string {
  return paths.length === 0 ? "comments and layout" : listed(paths, 3);
}

/** One proposal, and what was done with it. */
export function proposalView(document: ProposalDocument, screen: Screen): readonly string[] {
  const { proposal, author, editors, at, now, note, diff, problems, violations, conflicts, notices } = document;
  const others = editors.filter((each) => each !== author);
  return [
    `${screen.bold(proposal)} by ${author}${others.length === 0 ? "" : `, changed by ${listed(others)}`}, ${agoWords(now - at)}${note === undefined ? "" : `: ${note}`}`,
    "",
    ...diffLines(diff, screen),
    "",
    ...touchedLines(document),
    ...conflicts.map((each) => screen.yellow(`${each.proposal} by ${each.author} changes the same otherwise: ${listed(each.paths, 4)}`)),
    ...violations.filter((each) => !each.blocks).map((each) => `${each.level}: rule ${each.rule}: ${each.message}`),
    ...(problems.length === 0 ? [] : ["It could not be committed as it is:", ...renderProblems(problems, screen)]),
    ...(notices.length === 0 ? [] : ["", ...renderProblems(notices, screen)]),
    ...outcomeLines(document, screen),
  ];
}

function touchedLines({ paths, touched }: ProposalDocument): readonly string[] {
  const { layers, added, removed, changed } = touched;
  if (paths.length === 0) return ["Only comments and layout change."];
  const parts = [
    ...(added.length === 0 ? [] : [`adds ${listed(added, 5)}`]),
    ...(removed.length === 0 ? [] : [`removes ${listed(removed, 5)}`]),
    ...(changed.length === 0 ? [] : [`changes what ${listed(changed, 5)} ${changed.length === 1 ? "is" : "are"} made from`]),
  ];
  const what = parts.length === 0 ? "nothing that is placed is made otherwise by it" : parts.join("; ");
  return [`Written in ${listed(layers, 5)}: ${what}.`];
}

function outcomeLines({ did, proposal, after, state, stale, git, problems }: ProposalDocument, screen: Screen): readonly string[] {
  if (state.phase === "dropped") return [`${proposal} was dropped by ${state.by}.`];
  if (state.phase === "committed") {
    const commit = git?.kind === "committed" ? `, git commit ${git.commit.slice(0, 12)}` : "";
    return [
      `${proposal} is in the cluster file as ${state.revision}${commit}.`,
      ...(did === "committed" ? [`Next: ${screen.bold("halligan plan")}`] : []),
    ];
  }
  if (stale)
    return [`The cluster file has changed since ${proposal} was made.`, `Next: ${screen.bold(`halligan propose rebase ${proposal}`)}`];
  if (problems.length > 0) return [];
  const read = after.slice("sha256:".length, "sha256:".length + 12);
  return [
    `Next: ${screen.bold(`halligan propose commit ${proposal} --digest ${read}`)} writes it; ${screen.bold(`halligan plan --proposal ${proposal}`)} shows what it would do.`,
  ];
}

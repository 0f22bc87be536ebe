import type {
  BarclampChange,
  RevisionDiffDocument,
  RevisionDocument,
  RevisionsDocument,
  RevisionView,
} from "../../../core/commands/intent/revisions-document.ts";
import { count, listed } from "../../../core/words/count.ts";
import { agoWords } from "../../../core/words/time.ts";
import { type Screen, table } from "../../screen.ts";
import { diffLines } from "./diff-lines.ts";

/** Revisions as a table. */
export function revisionsView({ revisions, more, at }: RevisionsDocument, screen: Screen): readonly string[] {
  if (revisions.length === 0) return ["There are no revisions yet.", `Next: ${screen.bold("halligan plan")} makes the first.`];
  return [
    ...table<RevisionView>(
      screen,
      [
        { title: "REVISION", cell: (each) => `${each.revision}${each.present ? " *" : ""}` },
        { title: "WHEN", cell: (each) => agoWords(at - each.at) },
        { title: "BY", cell: ({ by }) => by },
        { title: "CAME FROM", cell: originText },
        { title: "APPLIED BY", cell: runsText, flexible: true },
      ],
      revisions,
    ),
    ...(revisions.some((each) => each.present) ? ["* what the files were when they were looked at last"] : []),
    ...(more === 0 ? [] : [`${count(more, "older revision")} not shown: \`--limit\``]),
  ];
}

/** One revision with its text. */
export function revisionView(document: RevisionDocument, screen: Screen): readonly string[] {
  const { revision, digest, by, at, now, barclamps, before, editors, content } = document;
  return [
    `${screen.bold(revision)}: ${originText(document)}, ${agoWords(now - at)}, by ${by}${before === undefined ? "" : `, after ${before}`}`,
    `digest ${digest}`,
    ...(editors.length === 0 ? [] : [`written by ${listed(editors)}`]),
    `applied by: ${runsText(document)}`,
    `barclamps: ${
      Object.keys(barclamps).length === 0
        ? "none"
        : listed(
            Object.entries(barclamps).map(([name, each]) => `${name} ${short(each)}`),
            20,
          )
    }`,
    "",
    ...content.replace(/\n$/u, "").split("\n"),
  ];
}

/** What differs between two revisions. */
export function revisionDiffView({ from, to, paths, diff, barclamps }: RevisionDiffDocument, screen: Screen): readonly string[] {
  const names = `${from} and ${to === "present" ? "the files as they are" : to}`;
  if (diff === "" && barclamps.length === 0) return [`${names} are the same.`];
  return [
    ...(diff === "" ? [`The cluster file is the same in ${names}.`] : diffLines(diff, screen)),
    ...(diff !== "" && paths.length === 0 ? ["Only comments and layout differ."] : []),
    ...barclamps.map(barclampText),
  ];
}

function barclampText({ barclamp, before, after }: BarclampChange): string {
  if (before === null) return `barclamp ${barclamp}: used only in the second`;
  if (after === null) return `barclamp ${barclamp}: used only in the first`;
  return `barclamp ${barclamp}: ${short(before)} -> ${short(after)}`;
}

function originText({ origin }: Pick<RevisionView, "origin">): string {
  switch (origin.kind) {
    case "first":
      return "first seen";
    case "edit":
      return "edit by hand";
    case "barclamps":
      return "other barclamps";
    case "proposal":
      return origin.proposal;
    default:
      return origin satisfies never;
  }
}

function runsText({ runs }: Pick<RevisionView, "runs">): string {
  if (runs.length === 0) return "no run";
  return listed(
    runs.map(({ run, phase }) => (phase === "succeeded" ? run : `${run} (${phase === "requested" ? "open" : phase})`)),
    4,
  );
}

function short(digest: string): string {
  return digest.slice("sha256:".length, "sha256:".length + 12);
}

import type { ImportDocument } from "../../core/commands/import.ts";
import type { Screen } from "../screen.ts";

/** A cluster file ready to be saved, with the report as comments behind it; or what was added to a file, and the report. */
export function importView(document: ImportDocument, screen: Screen): readonly string[] {
  const { result, notes } = document;
  const report = reported(notes);
  const title = `${notes.length === 1 ? "1 note" : `${notes.length} notes`} on what was changed or not carried over:`;
  if (result.kind === "text")
    return [
      ...result.text.trimEnd().split("\n"),
      ...(notes.length === 0 ? [] : ["", `# ${title}`, ...report.map((line) => `# ${oneLine(line)}`)]),
    ];
  const same = result.same.length === 0 ? "" : `, ${result.same.length} there already`;
  return [
    `${screen.green(result.added.length === 0 ? "unchanged" : "written")} ${result.file}: ${count(result.added.length)} added${same}`,
    ...(notes.length === 0 ? [] : ["", title, ...report.map((line) => `  ${oneLine(line)}`)]),
  ];
}

/** Names that became others are many where hosts are called by their domains: some show how, all stand in the file. */
const shownNames = 5;

function reported(notes: ImportDocument["notes"]): readonly string[] {
  const names = notes.filter(({ kind }) => kind === "renamed").slice(shownNames);
  const hidden = new Set(names.length > 1 ? names : []);
  const lines = notes.filter((note) => !hidden.has(note)).map(({ file, line, message }) => `${file}:${line}: ${oneLine(message)}`);
  return hidden.size === 0 ? lines : [...lines, `${hidden.size} more names were changed likewise; \`--json\` tells all.`];
}

function count(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ");
}

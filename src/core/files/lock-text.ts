import { stringify } from "yaml";
import { type Problem, problem } from "../errors.ts";
import { lockFileSchema, type LockedBarclamp, type LockedBarclamps } from "../model/lock-file.ts";
import { readSource } from "../model/barclamp-source.ts";
import { checkSchema } from "./schema-problems.ts";
import { readYaml } from "./yaml-tree.ts";

/** Name of the lock file, beside the cluster file. */
export const lockFileName = "halligan.lock";

const mergeHint =
  "Keep one side for each barclamp and remove the marks; `halligan barclamp update --locked` then checks what is left against the sources.";

/** Reads a lock file; without text there is none, and it is empty. Never throws. Problems: those of YAML and schema, `SOURCE_INVALID`. */
export function readLockText(
  file: string,
  text: string | undefined,
): { readonly barclamps: LockedBarclamps; readonly problems: readonly Problem[] } {
  if (text === undefined) return { barclamps: {}, problems: [] };
  const mark = /^(<{7}|>{7}|={7})( |$)/mu.exec(text);
  if (mark !== null) {
    const at = { file, line: text.slice(0, mark.index).split("\n").length, column: 1 };
    return {
      barclamps: {},
      problems: [problem("YAML_INVALID", { message: `${lockFileName} holds the marks of an unfinished merge.`, at, hint: mergeHint })],
    };
  }
  const tree = readYaml(file, text);
  const { data, problems } = checkSchema(lockFileSchema, tree.value ?? null, tree);
  if (tree.problems.length > 0 || data === undefined)
    return { barclamps: {}, problems: tree.problems.length > 0 ? tree.problems : problems };
  const wrong = Object.entries(data.barclamps).flatMap(([name, { source, commit }]) => {
    const read = readSource(source);
    const at = tree.valuePlace(["barclamps", name, "source"]);
    if (!read.ok) return [problem("SOURCE_INVALID", { message: `\`source\` of ${name}: ${read.message}.`, at })];
    if (read.source.kind === "url" && commit === undefined)
      return [problem("SOURCE_INVALID", { message: `${name} comes from a git repository and has no \`commit\`.`, at })];
    return [];
  });
  return { barclamps: wrong.length > 0 ? {} : data.barclamps, problems: wrong };
}

/** The text of a lock file: sorted, one value per line, so that changes of different barclamps merge by themselves. */
export function writeLockText(barclamps: LockedBarclamps): string {
  const names = Object.keys(barclamps).toSorted();
  const entries = names.map((name) => stringify({ [name]: ordered(barclamps[name]) }, { lineWidth: 0, aliasDuplicateObjects: false }));
  const body = entries.length === 0 ? "barclamps: {}\n" : `barclamps:\n${entries.map(indented).join("")}`;
  return `# Written by \`halligan barclamp add\` and \`update\`. Keep it in git beside the cluster file.\nhalligan: 1\n${body}`;
}

function ordered(entry: LockedBarclamp | undefined): object {
  if (entry === undefined) return {};
  const { source, path, ref, commit, version, digest, carry } = entry;
  const all = { source, path, ref, commit, version, digest, carry };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gmu, "  ");
}

import { type FoundHost, type Notes, short } from "./imported.ts";

const labelName = /^[A-Za-z]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?$/u;

/** A valid label name near to a text; empty when nothing is left. */
function nearLabel(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9_./-]+/gu, "-")
    .replace(/^[^A-Za-z]+/u, "")
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/u, "");
}

/** True for a name that a label may have. */
function isLabelName(text: string): boolean {
  return labelName.test(text);
}

/** The labels of a host with valid names; what cannot be a label is noted. */
export function labelsOf(host: FoundHost, notes: Notes): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  // labels whose names are valid come first, so that no mapped one takes their place
  const ordered = [...host.labels].toSorted(([a], [b]) => Number(isLabelName(b)) - Number(isLabelName(a)));
  for (const [written, value] of ordered) {
    const name = isLabelName(written) ? written : nearLabel(written);
    if (name === "") {
      notes.add("left", host.at, `No label can be called \`${short(written)}\`, and nothing like it.`);
      continue;
    }
    if (labels.has(name)) {
      notes.add("left", host.at, `The label \`${short(written)}\` would be ${name}, which is another label.`);
      continue;
    }
    if (/[[\]]/u.test(value)) {
      notes.add("left", host.at, `The label ${name} is not carried over: its value holds a bracket, which stands for a range.`);
      continue;
    }
    if (name !== written) notes.add("renamed", { file: host.at.file, line: 1 }, `The label \`${short(written)}\` is called ${name}.`);
    labels.set(name, value);
  }
  return labels;
}

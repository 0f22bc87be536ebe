import { createHash } from "node:crypto";
import { type Entry, type Machine, parentOf } from "./machine.ts";
import { type SimScript, type SimStep, Unsupported } from "./script.ts";

/** What the check of a step sees. */
export interface Seen {
  readonly change: "none" | "create" | "change";
  readonly observed: string;
  /** Lines `key: before -> after`. */
  readonly diffs: readonly string[];
}

/** The words of a step's function behind its name. */
type Words = readonly string[];

/** One shell function of a step kind, on a simulated node. */
interface Behaviour {
  check(words: Words, script: SimScript, machine: Machine): Seen;
  /** Gives what failed, if anything did. */
  apply(words: Words, script: SimScript, machine: Machine): string | undefined;
}

const file: Behaviour = {
  check([path = "", digest = "", mode = "", user = "", group = "", secret = ""], script, machine) {
    onlyRoot(user, group);
    const entry = at(path, script, machine);
    if (entry === undefined) return absent;
    const wants = entry.type === "file" && entry.digest === digest && (mode === "" || mode === entry.mode);
    const seen = lookOf(entry) + (entry.type === "file" ? contentSeen(entry.digest, digest, secret === "1") : "");
    if (wants) return { change: "none", observed: seen, diffs: [] };
    const diffs = entry.type === "file" ? modeDiff(entry.mode, mode) : [`type: ${seen} -> file`];
    return { change: "change", observed: seen, diffs };
  },
  apply([path = "", offset = "", length = "", digest = "", mode = "", , , , standard = ""], script, machine) {
    const entry = at(path, script, machine);
    const name = nameOf(path, script);
    if (entry?.type === "dir") return `${name} is a directory: it is not replaced by a file`;
    if (machine.entries.get(parentOf(name))?.type !== "dir")
      return `the directory ${parentOf(name)} does not exist: make it with a directory step before this one`;
    if (offset === "-") throw new Unsupported("contents from the cache are not simulated");
    const kept = mode === "" && entry?.type === "file" ? entry.mode : mode;
    // A copy: the bytes of a whole script are not kept for some of them.
    const content = Uint8Array.from(script.content(Number(offset), Number(length)));
    if (createHash("sha256").update(content).digest("hex") !== digest) return `${name} could not be written: other bytes arrived`;
    machine.entries.set(name, { type: "file", mode: kept === "" ? standard : kept, content, digest });
    return undefined;
  },
};

const directory: Behaviour = {
  check([path = "", mode = "", user = "", group = ""], script, machine) {
    onlyRoot(user, group);
    const entry = at(path, script, machine);
    if (entry === undefined) return absent;
    const seen = lookOf(entry);
    if (entry.type === "dir" && (mode === "" || mode === entry.mode)) return { change: "none", observed: seen, diffs: [] };
    return {
      change: "change",
      observed: seen,
      diffs: entry.type === "dir" ? modeDiff(entry.mode, mode) : [`type: ${seen} -> directory`],
    };
  },
  apply([path = "", mode = ""], script, machine) {
    const name = nameOf(path, script);
    const entry = machine.entries.get(name);
    if (entry !== undefined && entry.type !== "dir") return `${name} exists and is no directory (${lookOf(entry)}): it is not replaced`;
    for (let above = parentOf(name); !machine.entries.has(above); above = parentOf(above))
      machine.entries.set(above, { type: "dir", mode: "755" });
    machine.entries.set(name, { type: "dir", mode: mode === "" ? (entry?.mode ?? "755") : mode });
    return undefined;
  },
};

const link: Behaviour = {
  check([path = "", to = ""], script, machine) {
    const entry = at(path, script, machine);
    if (entry === undefined) return { ...absent, diffs: [`target: absent -> ${to}`] };
    if (entry.type !== "link") return { change: "change", observed: lookOf(entry), diffs: [`target: ${lookOf(entry)} -> ${to}`] };
    const observed = `symlink to ${entry.to}`;
    return entry.to === to
      ? { change: "none", observed, diffs: [] }
      : { change: "change", observed, diffs: [`target: ${entry.to} -> ${to}`] };
  },
  apply([path = "", to = ""], script, machine) {
    const name = nameOf(path, script);
    if (machine.entries.get(name)?.type === "dir") return `${name} is a directory: it is not replaced by a symlink`;
    machine.entries.set(name, { type: "link", to });
    return undefined;
  },
};

const packages: Behaviour = {
  check([state = "", ...names], _script, machine) {
    const missing = names.find((name) => !machine.packages.has(name));
    if (state !== "present" || missing !== undefined) throw new Unsupported(`packages are only seen: ${state} ${names.join(" ")}`);
    return { change: "none", observed: names.map((name) => `${name} ${machine.packages.get(name)}`).join(", "), diffs: [] };
  },
  apply: (words) => {
    throw new Unsupported(`packages are only seen: ${words.join(" ")}`);
  },
};

const behaviours: Readonly<Record<string, Behaviour>> = {
  hg_file_check: file,
  hg_directory_check: directory,
  hg_link_check: link,
  hg_package_check: packages,
};

/** What the check of a step sees on a machine. @throws `Unsupported`. */
export function checkStep({ check: [name = "", ...words] }: SimStep, script: SimScript, machine: Machine): Seen {
  return behaviourOf(name).check(words, script, machine);
}

/** Carries a step out; gives what failed, if anything did. @throws `Unsupported`. */
export function applyStep({ check: [name = ""], apply: [, ...words] }: SimStep, script: SimScript, machine: Machine): string | undefined {
  return behaviourOf(name).apply(words, script, machine);
}

/** What stands where a file step works; the content that `old` frames show. */
export function oldContent({ check: [, path = ""] }: SimStep, script: SimScript, machine: Machine): Uint8Array {
  const entry = at(path, script, machine);
  return entry?.type === "file" ? entry.content : new Uint8Array();
}

const absent: Seen = { change: "create", observed: "absent", diffs: [] };

function behaviourOf(name: string): Behaviour {
  const found = behaviours[name];
  if (found === undefined) throw new Unsupported(`steps with ${name || "late values"} are not simulated`);
  return found;
}

function nameOf(path: string, { paths }: SimScript): string {
  return paths.get(path) ?? "";
}

function at(path: string, script: SimScript, machine: Machine): Entry | undefined {
  return machine.entries.get(nameOf(path, script));
}

function lookOf(entry: Entry): string {
  switch (entry.type) {
    case "file":
      return `file 0${entry.mode} root:root`;
    case "dir":
      return `directory 0${entry.mode} root:root`;
    case "link":
      return "symlink";
    default:
      return entry satisfies never;
  }
}

function contentSeen(digest: string, wanted: string, secret: boolean): string {
  if (!secret) return ` sha256:${digest}`;
  return digest === wanted ? " content as wanted" : " other content";
}

function modeDiff(before: string, wanted: string): readonly string[] {
  return wanted === "" || wanted === before ? [] : [`mode: 0${before} -> 0${wanted}`];
}

function onlyRoot(user: string, group: string): void {
  for (const name of [user, group]) if (name !== "" && name !== "root") throw new Unsupported("simulated nodes know no user but root");
}

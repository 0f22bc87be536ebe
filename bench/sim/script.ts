import { shellWords } from "./words.ts";

/** What the run of a script was approved to find for one step. */
export interface Expected {
  /** Empty: anything goes. */
  readonly change: string;
  /** Absent: any state goes. */
  readonly observed?: string;
  /** The state that was approved may be there already. */
  readonly settled: boolean;
}

/** One step of a compiled script: the commands of its functions, as words. */
export interface SimStep {
  readonly index: string;
  readonly check: readonly string[];
  readonly apply: readonly string[];
  /** Steps of the same batch say how they ended when all of it is done; empty: it stands alone. */
  readonly batch: string;
  /** Arguments of the content that it shows: offset, length, digest. Empty: it shows none. */
  readonly show: readonly string[];
  readonly expected: Expected;
}

/** A compiled script, as far as the simulator understands it. */
export interface SimScript {
  readonly mode: "check" | "apply";
  readonly bounded: boolean;
  readonly paths: ReadonlyMap<string, string>;
  /** Steps of each node-role: a script that only looks may be about several. */
  readonly parts: readonly (readonly SimStep[])[];
  /** A file's content, out of the bytes behind the text. */
  content(offset: number, length: number): Uint8Array;
}

/** What a script holds that no simulated node can carry out. */
export class Unsupported extends Error {}

const decoder = new TextDecoder();

/** Reads a compiled script (src/core/jigs/shell/compile.ts). @throws `Unsupported`. */
export function readScript(bytes: Uint8Array): SimScript {
  const { text, data } = apart(bytes);
  const start = text.indexOf("\nhg_mode=");
  const { settings, functions, lists } = readLines(text.slice(start + 1));
  const mode = settings.get("hg_mode");
  if (mode !== "check" && mode !== "apply") throw new Unsupported(`scripts of mode ${mode} are not simulated`);
  for (const list of ["hg_before_list", "hg_verify", "hg_after_list", "hg_on_failure", "hg_notifiable"])
    if ((settings.get(list) ?? "") !== "") throw new Unsupported(`${list} is not simulated`);
  if ((functions.get("hg_values")?.length ?? 1) > 1) throw new Unsupported("values are not simulated");
  return {
    mode,
    bounded: settings.get("hg_staleness") === "bounded",
    paths: new Map([...settings].flatMap(([name, value]) => (name.startsWith("p_") ? [[name.slice(2), value] as const] : []))),
    parts: lists.map((indices) => indices.map((index) => stepOf(index, settings, functions))),
    content: (offset, length) => data.subarray(offset, offset + length),
  };
}

/** The text of a script and its data, which stand in a variable before it, or behind it. */
function apart(bytes: Uint8Array): { readonly text: string; readonly data: Uint8Array } {
  const base = /^hg_data= hg_base=(\d+)/u.exec(decoder.decode(bytes.subarray(0, 32)))?.[1];
  if (base !== undefined) return { text: decoder.decode(bytes.subarray(0, Number(base))), data: bytes.subarray(Number(base)) };
  const whole = Buffer.from(bytes).toString("latin1");
  const [all, quoted] = /^hg_data='((?:[^']|'\\'')*)'\n/u.exec(whole) ?? [];
  if (all === undefined || quoted === undefined) throw new Unsupported("the script does not say where its data are");
  return { text: decoder.decode(bytes.subarray(all.length - 1)), data: Buffer.from(quoted.replaceAll("'\\''", "'"), "latin1") };
}

function readLines(text: string): {
  readonly settings: ReadonlyMap<string, string>;
  readonly functions: ReadonlyMap<string, readonly string[]>;
  /** Numbers of the steps of each node-role. */
  readonly lists: readonly (readonly string[])[];
} {
  const settings = new Map<string, string>();
  const functions = new Map<string, readonly string[]>();
  const lists: (readonly string[])[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const name = /^(\w+)\(\) \{$/u.exec(line)?.[1];
    if (name !== undefined) {
      const end = lines.indexOf("}", at);
      functions.set(name, lines.slice(at + 1, end));
      at = end;
    } else if (/^(?:hg_|p_|[BLN]_)\w*=/u.test(line)) {
      for (const word of shellWords(line)) {
        const equals = word.indexOf("=");
        const [variable, value] = [word.slice(0, equals), word.slice(equals + 1)];
        if (variable === "hg_steps") lists.push(value.split(" ").filter((each) => each !== ""));
        if (variable === "hg_checks" && value !== "") throw new Unsupported("conditions are not simulated");
        settings.set(variable, value);
      }
    }
  }
  return { settings, functions, lists };
}

function stepOf(index: string, settings: ReadonlyMap<string, string>, functions: ReadonlyMap<string, readonly string[]>): SimStep {
  const body = (name: string): readonly string[] => functions.get(`${name}_${index}`) ?? [];
  const only = (name: string): readonly string[] => {
    const lines = body(name);
    if (lines.length > 1) throw new Unsupported(`step ${index} is not simulated: ${lines.join("; ")}`);
    return shellWords(lines[0] ?? "");
  };
  if ((settings.get(`M_${index}`) ?? "") !== "") throw new Unsupported("notifications are not simulated");
  const show = only("s");
  return {
    index,
    check: only("c"),
    apply: only("a"),
    batch: settings.get(`B_${index}`) ?? "",
    show: show[2] === "hg_show_content" ? show.slice(3) : [],
    expected: {
      change: settings.get(`E_${index}`) ?? "",
      ...(settings.get(`EH_${index}`) === "1" ? { observed: settings.get(`EO_${index}`) ?? "" } : {}),
      settled: settings.get(`ES_${index}`) === "1",
    },
  };
}

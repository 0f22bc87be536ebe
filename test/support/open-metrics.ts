/** A sample of an OpenMetrics text. */
export interface ParsedSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of an OpenMetrics text. */
export interface ParsedFamily {
  readonly type: string;
  readonly unit?: string;
  readonly help?: string;
  readonly samples: readonly ParsedSample[];
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const number = /^(?:[+-]?Inf|NaN|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/u;

/** Reads an OpenMetrics 1.0 text by the letter of the specification; throws at the first thing that is not as it says. */
export function parseOpenMetrics(text: string): ReadonlyMap<string, ParsedFamily> {
  const wrong = (why: string): never => {
    throw new Error(`OpenMetrics: ${why}`);
  };
  if (!text.endsWith("\n# EOF\n")) wrong("the text does not end with `# EOF` and a line feed");
  const families = new Map<string, { type: string; unit?: string; help?: string; samples: ParsedSample[] }>();
  const seen = new Set<string>();
  let current = "";
  for (const line of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    if (line === "" || line !== line.trim()) wrong(`an empty line, or blanks around it: "${line}"`);
    const meta = new RegExp(`^# (TYPE|UNIT|HELP) (${name}) (.*)$`, "u").exec(line);
    if (line.startsWith("#")) {
      const [, what = "", of = "", rest = ""] = meta ?? wrong(`not a line that there is: ${line}`);
      if (of !== current && families.has(of)) wrong(`${of} is interleaved with others`);
      const family = families.get(of) ?? { type: "unknown", samples: [] };
      if (family.samples.length > 0) wrong(`${what} of ${of} after its samples`);
      families.set(of, family);
      current = of;
      if (what === "TYPE") family.type = ["gauge", "counter"].includes(rest) ? rest : wrong(`type ${rest}`);
      if (what === "UNIT" && !of.endsWith(`_${rest}`)) wrong(`${of} does not end with its unit ${rest}`);
      if (what === "UNIT") family.unit = rest;
      if (what === "HELP") family.help = unescaped(rest) ?? wrong(`help of ${of}`);
      continue;
    }
    const [, sample = "", , labelText = "", value = ""] =
      new RegExp(`^(${name})(\\{(.*)\\})? (\\S+)$`, "u").exec(line) ?? wrong(`not a sample: ${line}`);
    const family = families.get(current) ?? wrong(`a sample without a family: ${line}`);
    if (sample !== (family.type === "counter" ? `${current}_total` : current)) wrong(`${sample} stands under ${current}`);
    if (!number.test(value)) wrong(`value ${value}`);
    const labels = labelsOf(labelText) ?? wrong(`labels of ${line}`);
    const id = `${sample} ${JSON.stringify(Object.entries(labels).toSorted())}`;
    if (seen.has(id)) wrong(`${id} is there twice`);
    seen.add(id);
    family.samples.push({ labels, value: Number(value.replace("Inf", "Infinity")) });
  }
  return families;
}

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== "") {
    const [whole, key = "", value = ""] = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(?:,(?=.)|$)/u.exec(rest) ?? [];
    const plain = unescaped(value);
    if (whole === undefined || plain === undefined || Object.hasOwn(labels, key)) return undefined;
    labels[key] = plain;
    rest = rest.slice(whole.length);
  }
  return labels;
}

function unescaped(text: string): string | undefined {
  if (/\\(?![\\n"])|\\$/u.test(text.replaceAll("\\\\", ""))) return undefined;
  return text.replaceAll(/\\(.)/gu, (_, mark: string) => (mark === "n" ? "\n" : mark));
}

import { type Contender, type Phase, type Summary, summarise } from "./contender.ts";
import type { Results } from "./report.ts";

const width = 860;
/** Where the bars begin; left of it stand the number of nodes and the contender's name. */
const start = 320;
const barWidth = width - start - 70;
const barHeight = 16;
const colours: Readonly<Record<Phase, string>> = { first: "#d97706", noop: "#0f766e", open: "#5eead4" };
const words: Readonly<Record<Phase, string>> = { first: "first apply", noop: "no-op", open: "no-op, connections open" };

/** What the bars show: how long it took, or the computing time of the controller and all nodes together. */
export type Shown = "wall" | "computing";

const titles: Readonly<Record<Shown, string>> = {
  wall: "The same 25 operations per node: wall time, logarithmic, less is better",
  computing: "The same 25 operations per node: computing time of controller and nodes, logarithmic, less is better",
};

/** Bars on a logarithmic axis, a panel for each number of nodes, as SVG. Pure: the same results give the same bytes. */
export function peersChart(results: Results, contenders: readonly Contender[], what: Shown): string {
  const value = (each: Summary): number => (what === "wall" ? each.wallMs : each.controllerMs + each.nodesMs);
  const summaries = summarise(results.samples).filter((each) => Number.isFinite(value(each)));
  const shown = contenders.filter(({ name }) => name !== "same-script");
  const counts = [...new Set(summaries.map(({ nodes }) => nodes))].toSorted((a, b) => a - b);
  const parts: string[] = [];
  let top = 74;
  const values = summaries.map(value);
  const least = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const most = Math.max(...values) * 1.1;
  const scale = (valueMs: number): number => (Math.log10(valueMs / least) / Math.log10(most / least)) * barWidth;
  for (const nodes of counts) {
    parts.push(text(16, top + 12, `${nodes} nodes`, "bold"));
    for (const { name, title } of shown) {
      const own = summaries.filter((each) => each.nodes === nodes && each.contender === name);
      if (own.length === 0) continue;
      parts.push(text(100, top + 12, title, "label"));
      for (const each of own) {
        parts.push(bar(each.phase, value(each), top, scale(value(each))));
        top += barHeight + 2;
      }
      top += 4;
    }
    top += 14;
  }
  const height = top + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${titles[what]}</title>`,
    "<style>text{font:13px system-ui,sans-serif;fill:#1f2937}.bold{font-weight:600}.small{font-size:11px;fill:#6b7280}.grid{stroke:#e5e7eb}</style>",
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(16, 24, titles[what], "bold"),
    ...legend(),
    ...grid(least, most, scale, height),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function bar(phase: Phase, valueMs: number, top: number, length: number): string {
  const said = valueMs < 10_000 ? `${(valueMs / 1000).toFixed(2)} s` : `${Math.round(valueMs / 1000)} s`;
  const rect = `<rect x="${start}" y="${top}" width="${length.toFixed(1)}" height="${barHeight}" fill="${colours[phase]}"/>`;
  return `${rect}${text(start + length + 6, top + 12, said, "small")}`;
}

function legend(): readonly string[] {
  return (["first", "noop", "open"] as const).flatMap((phase, at) => {
    const x = 16 + at * 140;
    return [`<rect x="${x}" y="34" width="12" height="12" fill="${colours[phase]}"/>`, text(x + 18, 45, words[phase], "small")];
  });
}

function grid(least: number, most: number, scale: (valueMs: number) => number, height: number): readonly string[] {
  const lines: string[] = [];
  for (let at = least; at <= most; at *= 10) {
    const x = (start + scale(at)).toFixed(1);
    lines.push(`<line class="grid" x1="${x}" y1="66" x2="${x}" y2="${height - 8}"/>`);
    lines.push(text(Number(x) + 3, 66, `${at / 1000} s`, "small"));
  }
  return lines;
}

function text(x: number, y: number, said: string, style: string): string {
  const escaped = said.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y}" class="${style}">${escaped}</text>`;
}

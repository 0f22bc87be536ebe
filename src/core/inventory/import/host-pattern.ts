import { maxExpansion } from "../../model/range.ts";

/** The hosts of a pattern such as `web[01:20:2].example.org:2222`, or why there are none. */
export type HostPattern =
  | { readonly ok: true; readonly names: readonly string[]; readonly port?: string }
  | { readonly ok: false; readonly message: string };

/** Expands Ansible's host ranges (`[01:20]`, `[a:f]`, `[0:10:2]`, several make every combination) and splits the port off. */
export function expandHostPattern(pattern: string): HostPattern {
  const { host, port } = splitPort(pattern);
  if (host === "") return { ok: false, message: "a host has no name" };
  // `[fe80::1]` is an address, not a range
  const address = /^\[([0-9A-Fa-f:.%a-z]*:[0-9A-Fa-f:.]*:[^[\]]*)\]$/u.exec(host)?.[1];
  let names: readonly string[] = [address ?? ""];
  for (const piece of address === undefined ? host.split(/(\[[^\]]*\])/u) : []) {
    const elements = piece.startsWith("[") && piece.endsWith("]") ? rangeElements(piece.slice(1, -1)) : [piece];
    if (typeof elements === "string") return { ok: false, message: elements };
    if (elements.length * names.length > maxExpansion) return { ok: false, message: `a range stands for more than ${maxExpansion} hosts` };
    names = names.flatMap((start) => elements.map((end) => start + end));
  }
  return { ok: true, names, ...(port === undefined ? {} : { port }) };
}

/** `host:22` and `[fe80::1]:22` have a port; a bare IPv6 address has none. */
function splitPort(pattern: string): { readonly host: string; readonly port?: string } {
  const match = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/u.exec(pattern);
  return match === null ? { host: pattern } : { host: match[1] ?? "", port: match[2] ?? "" };
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The elements of `01:20`, `a:f`, `:9`, `0:10:2`; else what is wrong. */
function rangeElements(inside: string): readonly string[] | string {
  const parts = inside.split(":");
  const [first = "", last = "", written] = parts;
  if (parts.length < 2 || parts.length > 3 || last === "") return `\`[${inside.slice(0, 40)}]\` is no range such as [01:20] or [a:f]`;
  const step = written === undefined ? 1 : /^\d{1,6}$/u.test(written) ? Number(written) : 0;
  if (step < 1) return `\`[${inside.slice(0, 40)}]\` has a step that is no number from 1`;
  const start = first === "" ? "0" : first;
  const counted = /^\d{1,9}$/u.test(start) && /^\d{1,9}$/u.test(last);
  const [from, to] = counted ? [Number(start), Number(last)] : [letterIndex(start), letterIndex(last)];
  if (from < 0 || to < 0) return `\`[${inside.slice(0, 40)}]\` is no range such as [01:20] or [a:f]`;
  if (to < from) return `\`[${inside.slice(0, 40)}]\` counts down`;
  const padded = start.startsWith("0") && start.length > 1;
  if (counted && padded && start.length !== last.length) return `the ends of \`[${inside.slice(0, 40)}]\` have different lengths`;
  const count = Math.floor((to - from) / step) + 1;
  if (count > maxExpansion) return `\`[${inside.slice(0, 40)}]\` stands for more than ${maxExpansion} hosts`;
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * step;
    return counted ? String(at).padStart(padded ? start.length : 1, "0") : (letters[at] ?? "");
  });
}

function letterIndex(text: string): number {
  return text.length === 1 ? letters.indexOf(text) : -1;
}

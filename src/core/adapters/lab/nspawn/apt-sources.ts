import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One apt source of a distribution's archive. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

function fromLines(text: string): readonly AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim());
    if (match === null) return [];
    const [, uri = "", suite = "", components = ""] = match;
    return [{ uri, suite, components: components.split("#")[0]?.trim().split(/\s+/) ?? [] }];
  });
}

function fromStanzas(text: string): readonly AptSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): readonly string[] =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(stanza)?.[1]?.trim().split(/\s+/).filter(Boolean) ?? [];
    if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return [];
    return field("URIs").flatMap((uri) => field("Suites").map((suite) => ({ uri, suite, components: field("Components") })));
  });
}

/** Reads apt sources in both formats (sources.list(5)). */
export function parseAptSources(text: string, format: "list" | "sources"): readonly AptSource[] {
  const bare = text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");
  return format === "list" ? fromLines(bare) : fromStanzas(bare);
}

/** The distribution's own archives among this machine's apt sources: plain http, of its suite. The first is the mirror. */
export function archiveSources(sources: readonly AptSource[], codename: string): readonly AptSource[] {
  const own = sources.filter(
    (source) => source.uri.startsWith("http://") && source.components.includes("main") && source.suite.split("-")[0] === codename,
  );
  return own.toSorted((a, b) => a.suite.length - b.suite.length);
}

/** Reads this machine's apt sources. */
export function readAptSources(folder = "/etc/apt"): readonly AptSource[] {
  const read = (path: string): readonly AptSource[] => {
    try {
      return parseAptSources(readFileSync(path, "utf8"), path.endsWith(".sources") ? "sources" : "list");
    } catch {
      return [];
    }
  };
  const parts = (): readonly string[] => {
    try {
      return readdirSync(join(folder, "sources.list.d")).filter((name) => name.endsWith(".list") || name.endsWith(".sources"));
    } catch {
      return [];
    }
  };
  return [read(join(folder, "sources.list")), ...parts().map((name) => read(join(folder, "sources.list.d", name)))].flat();
}

import { finish } from "./finish.ts";
import { proxyCommandHop, readHops } from "./hops.ts";
import { type FoundHost, type Hop, type Imported, nameList, Notes, short } from "./imported.ts";
import { splitWords } from "./python-text.ts";
import { fitsHost, readSshConfig, type SshDirective, type SshSources } from "./ssh-config.ts";

/** Most hosts times lines that are looked at; a file for people stays far below. */
const maxWork = 50_000_000;

/**
 * Makes nodes of the hosts that an ssh_config names without wildcards; what stands under wildcards is their default. The first value of an
 * option counts, as in OpenSSH. Never throws.
 */
export function importSshConfig(sources: readonly SshSources[]): Imported {
  const notes = new Notes();
  const hosts: FoundHost[] = [];
  for (const source of sources) {
    const directives = readSshConfig(source, notes);
    const named = namedHosts(directives);
    const config = new SshConfig(directives, notes);
    const most = Math.floor(maxWork / Math.max(1, directives.length));
    if (named.size > most) notes.add("node-left", { file: source.file, line: 1 }, `More than ${most} hosts: the others are not read.`);
    for (const [name, at] of [...named].slice(0, most)) {
      const host = config.host(name, at);
      if (host !== undefined) hosts.push(host);
    }
    config.reportOthers();
  }
  return finish(hosts, notes);
}

/** Names without wildcards in the order of the file, with the line that names them first. */
function namedHosts(directives: readonly SshDirective[]): ReadonlyMap<string, SshDirective["at"]> {
  const named = new Map<string, SshDirective["at"]>();
  for (const { keyword, words, conditions, at } of directives) {
    if (keyword !== "host") continue;
    for (const word of words) {
      if (/[*?!]/u.test(word) || word === "" || named.has(word)) continue;
      if (conditions.every((each) => each.kind === "host" && fitsHost(each.patterns, word))) named.set(word, at);
    }
  }
  return named;
}

/** `IdentitiesOnly` says to use the keys that are named, as Halligan does. */
const carried: ReadonlySet<string> = new Set([
  "identitiesonly",
  "host",
  "hostname",
  "user",
  "port",
  "identityfile",
  "proxyjump",
  "proxycommand",
]);

/** Looks hosts up in one configuration. */
class SshConfig {
  readonly #directives: readonly SshDirective[];
  readonly #notes: Notes;

  constructor(directives: readonly SshDirective[], notes: Notes) {
    this.#directives = directives;
    this.#notes = notes;
  }

  /** What OpenSSH would do for `ssh NAME`. */
  host(name: string, at: SshDirective["at"]): FoundHost | undefined {
    const options = this.#optionsOf(name);
    const address = expandTokens(options.get("hostname")?.[0]?.words[0] ?? "%h", name);
    if (address === undefined) {
      this.#notes.add("node-left", at, `${short(name)} is missing: its HostName holds tokens other than %h.`);
      return undefined;
    }
    const [port, user] = [options.get("port")?.[0]?.words[0], options.get("user")?.[0]?.words[0]];
    return {
      name,
      address,
      ...(port === undefined ? {} : { port }),
      ...(user === undefined ? {} : { user }),
      keys: this.#keys(options.get("identityfile") ?? []),
      jump: this.#jump(options, name, 0),
      labels: new Map(),
      at,
    };
  }

  /** Options that no node can hold, with how often they are set. */
  reportOthers(): void {
    const counts = new Map<string, { count: number; readonly at: SshDirective["at"] }>();
    for (const { keyword, conditions, at } of this.#directives) {
      if (carried.has(keyword) || conditions.some((each) => each.kind === "match")) continue;
      const entry = counts.get(keyword) ?? { count: 0, at };
      entry.count += 1;
      counts.set(keyword, entry);
    }
    const first = [...counts.values()][0];
    if (first === undefined) return;
    const names = [...counts].map(([keyword, { count }]) => (count === 1 ? keyword : `${keyword} (${count} times)`));
    this.#notes.add("left", first.at, `${counts.size === 1 ? "1 option" : `${counts.size} options`} not carried over: ${nameList(names)}.`);
  }

  #optionsOf(name: string): ReadonlyMap<string, readonly SshDirective[]> {
    const options = new Map<string, SshDirective[]>();
    for (const directive of this.#directives) {
      if (!carried.has(directive.keyword) || directive.keyword === "host" || directive.words.length === 0) continue;
      if (!directive.conditions.every((each) => each.kind === "host" && fitsHost(each.patterns, name))) continue;
      const list = options.get(directive.keyword);
      if (list === undefined) options.set(directive.keyword, [directive]);
      else list.push(directive);
    }
    return options;
  }

  #keys(directives: readonly SshDirective[]): readonly string[] {
    const keys = directives.flatMap(({ words, at }) => {
      const written = words[0] ?? "";
      if (written.toLowerCase() === "none") return [];
      const key = expandTokens(written.replace(/^%d(?=\/)/u, "~"), undefined);
      if (key !== undefined && !key.includes("${")) return [key];
      this.#notes.add("left", at, "An IdentityFile is not carried over: it holds tokens or variables that only ssh knows.");
      return [];
    });
    return [...new Set(keys)];
  }

  /** Hops to a host, each looked up in the same file, since it may be another Host there. ProxyJump and ProxyCommand: the first one counts. */
  #jump(options: ReadonlyMap<string, readonly SshDirective[]>, name: string, depth: number): readonly Hop[] {
    const [jump, command] = [options.get("proxyjump")?.[0], options.get("proxycommand")?.[0]];
    const first = jump === undefined || (command !== undefined && this.#isBefore(command, jump)) ? command : jump;
    if (first === undefined) return [];
    if (first === jump) {
      const hops = readHops(expandTokens(first.words.join(" "), name) ?? "");
      // only the first hop is reached from here, so only its own jumps come before it
      return hops.flatMap((hop, index) => this.#resolve(hop, depth, index === 0));
    }
    const text = first.words[0] ?? "";
    if (/^\s*"?none"?\s*$/iu.test(text)) return [];
    const split = splitWords(text, false);
    const hop = split.ok ? proxyCommandHop(split.words) : undefined;
    if (hop !== undefined) return this.#resolve(hop, depth, true);
    this.#notes.add("left", first.at, "A ProxyCommand is not carried over: only `ssh -W %h:%p HOST` can be, as a jump.");
    return [];
  }

  #isBefore(a: SshDirective, b: SshDirective): boolean {
    return this.#directives.indexOf(a) < this.#directives.indexOf(b);
  }

  #resolve(hop: Hop, depth: number, withOwn: boolean): readonly Hop[] {
    const options = this.#optionsOf(hop.host);
    const [port, user] = [options.get("port")?.[0]?.words[0], hop.user ?? options.get("user")?.[0]?.words[0]];
    const resolved: Hop = {
      host: expandTokens(options.get("hostname")?.[0]?.words[0] ?? "%h", hop.host) ?? hop.host,
      ...(user === undefined ? {} : { user }),
      ...(hop.port === undefined ? (port === undefined ? {} : { port: Number(port) }) : { port: hop.port }),
    };
    const own = withOwn && depth < 8 ? this.#jump(options, hop.host, depth + 1) : [];
    // a hop that is reached over itself (`Host *` with a ProxyJump) is not: OpenSSH leaves the jump out there as well
    return [...own.filter((each) => each.host !== resolved.host), resolved];
  }
}

/** `%h` becomes the host, `%%` a percent sign; `undefined` for all other tokens, and for `%h` where no host is known. */
function expandTokens(text: string, host: string | undefined): string | undefined {
  let unknown = false;
  const expanded = text.replaceAll(/%(.?)/gsu, (_whole, token: string) => {
    if (token === "%") return "%";
    if ((token === "h" || token === "n") && host !== undefined) return host;
    unknown = true;
    return "";
  });
  return unknown ? undefined : expanded;
}

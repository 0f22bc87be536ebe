import { mergeWants, type Needs, type ScriptContext } from "./context.ts";
import type { FixtureState } from "./fixture-state.ts";
import { isPlainPattern } from "./plain-pattern.ts";
import { quote, rawShell, sh } from "./quote.ts";

/** The body of a function that gathers these needs; `bare` goes without what is only to be shown. */
export function gatherBody(needs: Needs, script: ScriptContext, bare = false): string {
  const paths = [...needs.paths];
  const numbers = (wanted: "digest" | "content" | "target"): string =>
    paths.flatMap(([number, wants]) => (wants[wanted] || (wanted === "digest" && wants.shown && !bare) ? [String(number)] : [])).join(" ");
  const calls: string[] = [];
  const withNumbers = (name: string, list: string): void => {
    if (list !== "") calls.push(`${name} '${list}'`);
  };
  const withNames = (name: string, list: ReadonlySet<string>): void => {
    if (list.size > 0) calls.push(sh`${rawShell(name)} ${[...list]}`.sh);
  };
  const content = paths.filter(([, wants]) => wants.content);
  const files = accountFiles(needs, content.length > 0);
  const early = paths.some(([number]) => script.computed.has(number));
  const accounts = (): void => {
    withNames("hg_users", needs.users);
    withNames("hg_groups", needs.groups);
  };
  if (early) {
    // Where a path lies may hang on an account.
    withNumbers("hg_stat", files);
    withNumbers("hg_read", files);
    accounts();
  }
  const more = early || files === "" ? "" : ` ${files}`;
  for (const [number] of paths) calls.push(...assignment(number, script));
  const stat = paths.map(([number]) => String(number)).join(" ");
  if (stat !== "") calls.push(`hg_stat '${stat}${more}'${numbers("target") === "" ? "" : " 1"}`);
  calls.push(...alikeCalls(needs, script));
  withNumbers("hg_hash", numbers("digest"));
  withNumbers("hg_read", `${numbers("content")}${more}`.trim());
  if (!early) accounts();
  withNumbers("hg_targets", numbers("target"));
  const matched = paths.filter(([, wants]) => wants.matching.length > 0);
  if (matched.length > 0) {
    const patterns = [...new Set(matched.flatMap(([, wants]) => wants.matching))];
    const hidden = matched.some(([, wants]) => wants.hidden);
    const plain = patterns.every((pattern) => isPlainPattern(pattern));
    const grep = rawShell(hidden ? "hg_grep_hidden" : plain ? "hg_match" : "hg_grep");
    calls.push(sh`${grep} ${matched.map(([number]) => String(number)).join(" ")} ${patterns}`.sh);
  }
  withNames("hg_installed", needs.packages);
  withNames("hg_newest", needs.candidates);
  withNames("hg_units", needs.units);
  calls.push(...guardCalls(needs, script));
  return calls.length === 0 ? ":" : calls.join("\n");
}

/** Up to so many files the helper has read them before `sha256sum` has begun. */
const mostAlike = 40;

/** What only looks has its contents in a variable, where a helper does not see them. */
function alikeCalls({ paths }: Needs, { looks }: ScriptContext): readonly string[] {
  if (looks) return [];
  const asked = [...paths].flatMap(([number, { like }]) => like.map((content) => `${number} ${content} "$p_${number}"`));
  return asked.length === 0 || asked.length > mostAlike ? [] : [`hg_alike ${asked.join(" ")}`];
}

/** The files of accounts to look into: where nothing is looked at beside accounts, asking for them by name takes no more processes. */
function accountFiles({ users, groups, paths }: Needs, content: boolean): string {
  const asked = (users.size > 0 ? 1 : 0) + (groups.size > 0 ? 1 : 0);
  const read = (paths.size > 0 ? 0 : 1) + (content ? 0 : 1);
  if (read >= asked) return "";
  return ["nss", ...(users.size > 0 ? ["pw"] : []), ...(groups.size > 0 ? ["gr"] : [])].join(" ");
}

/** Guards that are plain shell text run in one shell, others each on its own. */
function guardCalls({ guards }: Needs, script: ScriptContext): readonly string[] {
  const texts = [...guards].flatMap((number) => {
    const plain = script.guards[number]?.plain;
    return plain === undefined ? [] : [{ number, plain }];
  });
  const together = texts.length > 1 ? texts : [];
  const inOne = new Set(together.map(({ number }) => number));
  return [
    ...(together.length === 0
      ? []
      : [
          sh`hg_guards ${together.map(({ number, plain }) => `${number}:${plain.step}`).join(" ")} ${together.map(({ plain }) => plain.text)}`
            .sh,
        ]),
    ...[...guards].flatMap((number) => (inOne.has(number) ? [] : [`hg_guard_${number}; q_${number}=$?`])),
  ];
}

function assignment(number: number, script: ScriptContext): readonly string[] {
  const computed = script.computed.get(number);
  return computed === undefined ? [] : [computed];
}

/** All needs of several steps in one. */
export function union(all: readonly Needs[], into: Needs): Needs {
  for (const needs of all) {
    for (const [number, wants] of needs.paths) {
      into.paths.set(number, mergeWants(into.paths.get(number), wants));
    }
    for (const key of ["packages", "candidates", "users", "groups", "units"] as const) for (const name of needs[key]) into[key].add(name);
    for (const number of needs.guards) into.guards.add(number);
  }
  return into;
}

/** The same variables from a fixture instead of from the node. */
export function injectedBody(needs: Needs, script: ScriptContext, state: FixtureState, digestOf: (text: string) => string): string {
  const calls: string[] = [];
  const packages = Object.entries(state.packages ?? {}).filter(([, version]) => version !== null);
  calls.push(`hg_packages=${quote(`|${packages.map(([name, version]) => `${name}=${String(version)}|`).join("")}`)}`);
  calls.push(`hg_candidates='|'`);
  const users = Object.entries(state.users ?? {}).flatMap(([name, user]) =>
    user === null
      ? []
      : [`${name}:x:${user.uid ?? 1000}:${user.gid ?? user.uid ?? 1000}::${user.home ?? `/home/${name}`}:${user.shell ?? "/bin/sh"}`],
  );
  const groups = Object.entries(state.groups ?? {}).flatMap(([name, group]) =>
    group === null ? [] : [`${name}:x:${group.gid ?? 1000}:${(group.members ?? []).join(",")}`],
  );
  calls.push(`hg_passwd=${quote(`\n${users.join("\n")}\n`)}`, `hg_group=${quote(`\n${groups.join("\n")}\n`)}`);
  for (const number of needs.paths.keys()) {
    calls.push(...assignment(number, script), `hg_a=$p_${number}`, ...injectedPath(number, state, digestOf));
  }
  calls.push("hg_matches=unknown");
  const services = Object.entries(state.services ?? {}).map(
    ([name, service]) => `${name}=${service.active ? "active" : "inactive"} ${service.enabled ? "enabled" : "disabled"}|`,
  );
  calls.push(`hg_init=fixture hg_services=${quote(`|${services.join("")}`)}`);
  for (const number of needs.guards) calls.push(`q_${number}=${state.commands?.[script.guards[number]?.text ?? ""] ?? 1}`);
  return calls.join("\n");
}

function injectedPath(number: number, state: FixtureState, digestOf: (text: string) => string): readonly string[] {
  const cases = Object.entries(state.files ?? {}).map(([name, file]) => {
    if (file === null || file.absent === true) return `  ${quote(name)}) : ;;`;
    const type = file.directory === true ? "dir" : file.link === undefined ? "file" : "link";
    const [user = "root", group = "root"] = (file.owner ?? "root:root").split(":");
    const content = file.content ?? "";
    const mode = (file.mode ?? (type === "dir" ? "755" : "644")).replace(/^0+/u, "").padStart(3, "0");
    return sh`  ${name}) t_${number}=${type} m_${number}=${mode} u_${number}=${user} g_${number}=${group} un_${number}=${user} gn_${number}=${group} s_${number}=${new TextEncoder().encode(content).length} d_${number}=${digestOf(content)} x_${number}=${content} l_${number}=${file.link ?? ""} ;;`
      .sh;
  });
  const blank = `t_${number}=none m_${number}= u_${number}= g_${number}= un_${number}= gn_${number}= s_${number}=0 d_${number}= l_${number}= x_${number}=`;
  return [blank, ...(cases.length === 0 ? [] : ["case $hg_a in", ...cases, "esac"])];
}

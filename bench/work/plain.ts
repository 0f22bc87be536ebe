import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RigNode } from "../rig/nodes.ts";

const settings = { version: "1.4.2", logLevel: "info", dbPort: "5432" };
const release = `/opt/hgbench/releases/${settings.version}`;

interface Content {
  readonly path: string;
  readonly mode: string;
  readonly user: string;
  readonly group: string;
  readonly text: string;
}

/**
 * The work of the barclamp `hgbench` as a person would write it for speed: one `stat`, one `sha256sum`, one `grep` for everything, then only what differs.
 * It is made for standard input of `sh -s`.
 */
export function plainScript(node: RigNode, archive: Uint8Array): string {
  const files = contents(node);
  const folders = [
    ["/etc/hgbench", "755", "root", "root"],
    ["/etc/hgbench/conf.d", "750", "root", "hgbench"],
    ["/var/lib/hgbench", "750", "hgbench", "hgbench"],
    ["/opt/hgbench/releases", "755", "root", "root"],
  ] as const;
  const lines = [
    ["/etc/environment", "^HGBENCH_HOME=", "HGBENCH_HOME=/opt/hgbench"],
    ["/etc/security/limits.conf", "^hgbench[[:space:]]+soft[[:space:]]+nofile", "hgbench soft nofile 65536"],
    ["/etc/login.defs", "^UMASK", "UMASK 027"],
    ["/etc/sysctl.d/60-hgbench.conf", "^net\\.core\\.somaxconn", "net.core.somaxconn = 4096"],
    ["/etc/sysctl.d/60-hgbench.conf", "^vm\\.swappiness", "vm.swappiness = 10"],
  ] as const;
  const links = [
    ["/opt/hgbench/current", release],
    ["/usr/local/bin/hgbenchctl", "/opt/hgbench/current/bin/hgbenchctl"],
  ] as const;
  const paths = [...folders, ...links, ...files.map(({ path }) => [path] as const)].map(([path]) => path);
  return [
    "set -u; export LC_ALL=C QUOTING_STYLE=literal; umask 022; cd /",
    "n='\n'",
    'answer() { echo "$1 $2"; }',
    `S="$n$(stat -c '%N|%a|%U|%G' ${paths.join(" ")} 2>/dev/null)$n"`,
    `H="$n$(sha256sum ${files.map(({ path }) => path).join(" ")} 2>/dev/null)$n"`,
    `L="$n$(grep -sHE ${lines.map(([, match]) => `-e ${quote(match)}`).join(" ")} ${[...new Set(lines.map(([path]) => path))].join(" ")})$n"`,
    "P=$(dpkg-query -W -f='${Package} ${db:Status-Status}\\n' tar sed grep 2>/dev/null)",
    "G=$(getent group hgbench); U=$(getent passwd hgbench)",
    step(
      "packages",
      'case "$n$P$n" in *"${n}tar installed$n"*) case "$n$P$n" in *"${n}sed installed$n"*) case "$n$P$n" in *"${n}grep installed$n"*) ;; *) false ;; esac ;; *) false ;; esac ;; *) false ;; esac',
      "apt-get install -y tar sed grep >/dev/null",
    ),
    step("group", "case $G in hgbench:*:4901:*) ;; *) false ;; esac", "groupadd -g 4901 hgbench"),
    step(
      "user",
      "case $U in hgbench:*:4901:4901:*:/var/lib/hgbench:/usr/sbin/nologin) ;; *) false ;; esac",
      "useradd -r -M -u 4901 -g hgbench -d /var/lib/hgbench -s /usr/sbin/nologin hgbench",
    ),
    ...folders.map(([path, mode, user, group]) =>
      step(path, seen(`${path}|${mode}|${user}|${group}`), `mkdir -p ${path} && chown ${user}:${group} ${path} && chmod ${mode} ${path}`),
    ),
    ...files.map((file) =>
      step(
        file.path,
        `${seen(`${file.path}|${file.mode}|${file.user}|${file.group}`)} && case $H in *"$n"${quote(`${sha256(file.text)}  ${file.path}`)}"$n"*) ;; *) false ;; esac`,
        write(file),
      ),
    ),
    ...lines.map(([path, match, line]) =>
      step(
        line,
        `case $L in *"$n"${quote(`${path}:${line}`)}"$n"*) ;; *) false ;; esac`,
        `if grep -qsE ${quote(match)} ${path}; then sed -i -E ${quote(`s|${match}.*|${line}|`)} ${path}; else echo ${quote(line)} >>${path}; fi`,
      ),
    ),
    step(
      release,
      `[ -e ${release}/VERSION ]`,
      `mkdir -p ${release} && echo ${Buffer.from(archive).toString("base64")} | base64 -d | tar -xzof - -C ${release}`,
    ),
    ...links.map(([path, to]) =>
      step(path, `case $S in *"$n"${quote(`${path} -> ${to}|`)}*) ;; *) false ;; esac`, `ln -sfn ${to} ${path}`),
    ),
    step("initialise", "[ -e /var/lib/hgbench/initialised ]", "echo init >/var/lib/hgbench/initialised"),
    step("seed", "grep -qs seeded /var/lib/hgbench/seed", "echo seeded >/var/lib/hgbench/seed"),
    step(
      "daemon",
      "{ read -r pid </run/hgbench.pid; } 2>/dev/null && kill -0 $pid 2>/dev/null",
      "{ setsid sleep 86400 </dev/null >/dev/null 2>&1 & echo $! >/run/hgbench.pid; }",
    ),
    "echo end",
    "",
  ].join("\n");
}

function contents(node: RigNode): readonly Content[] {
  const template = (name: string): string => {
    const values: Readonly<Record<string, string>> = { "node.name": node.name, "node.address": node.address, ...prefixed(settings) };
    const text = readFileSync(join(import.meta.dirname, "hgbench/templates", `${name}.liquid`), "utf8");
    return text.replaceAll(/\{\{ ([\w.]+) \}\}/gu, (_, key: string) => values[key] ?? "");
  };
  return [
    { path: "/etc/hgbench/app.conf", mode: "640", user: "root", group: "hgbench", text: template("app.conf") },
    { path: "/etc/hgbench/conf.d/http.conf", mode: "644", user: "root", group: "root", text: template("http.conf") },
    { path: "/etc/hgbench/conf.d/db.conf", mode: "640", user: "root", group: "hgbench", text: template("db.conf") },
    { path: "/etc/hgbench/env", mode: "600", user: "hgbench", group: "hgbench", text: template("env") },
    { path: "/etc/logrotate.d/hgbench", mode: "644", user: "root", group: "root", text: template("logrotate") },
    { path: "/etc/cron.d/hgbench", mode: "644", user: "root", group: "root", text: template("cron") },
    { path: "/etc/hgbench/release", mode: "644", user: "root", group: "root", text: `${settings.version}\n` },
  ];
}

function step(name: string, holds: string, act: string): string {
  return `if ${holds}; then answer ok ${quote(name)}; elif ${act}; then answer changed ${quote(name)}; else answer failed ${quote(name)}; exit 1; fi`;
}

function seen(line: string): string {
  return `case $S in *"$n"${quote(line)}"$n"*) ;; *) false ;; esac`;
}

/** Written beside the file and renamed over it, as it should be. */
function write({ path, mode, user, group, text }: Content): string {
  const beside = `${path}.new`;
  const chown = user === "root" && group === "root" ? "" : `chown ${user}:${group} ${beside} && `;
  return `{ umask 077; printf %s ${quote(text)} >${beside}; umask 022; } && ${chown}chmod ${mode} ${beside} && mv -f ${beside} ${path}`;
}

function prefixed(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`set.${key}`, value]));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Prints one line per file that the work is about: name, kind, mode, owner, target or digest; what must be equal whoever did the work. */
export const describeWork = [
  "cd /; export LC_ALL=C",
  "P='etc/hgbench var/lib/hgbench opt/hgbench etc/logrotate.d/hgbench etc/cron.d/hgbench etc/environment etc/security/limits.conf etc/login.defs etc/sysctl.d/60-hgbench.conf usr/local/bin/hgbenchctl'",
  "find $P -printf '%p %y %m %u:%g %l\\n' | sort",
  "find $P -type f | sort | xargs sha256sum",
  "getent passwd hgbench; getent group hgbench; kill -0 $(cat /run/hgbench.pid) && echo up",
].join("\n");

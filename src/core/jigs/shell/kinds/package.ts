import { z } from "zod";
import { flag, oneOrMany } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const packageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?(=[A-Za-z0-9.+:~*-]+)?$/u, "must be a package name, with a version if wanted: nginx=1.22*");

const schema = z.strictObject({
  name: oneOrMany(packageName).describe("Package names, each with a version if wanted: `nginx` or `nginx=1.22*`."),
  state: z
    .enum(["present", "latest", "absent"])
    .default("present")
    .describe("latest: upgraded when the package lists hold a newer version; absent: purged."),
  update: z
    .union([flag, z.literal("stale")])
    .default("stale")
    .describe("Fetch package lists before installing: stale = when they are missing or older than a day."),
  recommends: flag.default(false).describe("Install recommended packages too."),
  restore: flag
    .default(false)
    .describe("With state absent: only those that Halligan installed, with the dependencies that came with them."),
  keep: z.array(packageName).default([]).describe("With restore: packages of the list that stay."),
});

const prelude = posix`
hg_package_check() {
  hg_state=$1 hg_names=
  shift
  if [ "$hg_packages" = missing ]; then hg_want change "no dpkg on this node"; return; fi
  hg_kind=none hg_seen=
  for hg_a in "$@"; do
    hg_b=\${hg_a%%=*}
    hg_lookup "$hg_packages" "$hg_b" '|' = || hg_v=absent
    hg_seen="$hg_seen\${hg_seen:+, }$hg_b $hg_v"
    hg_c=
    case $hg_state:$hg_v in
      absent:absent) ;;
      absent:*) hg_c=destroy hg_new=absent ;;
      *:absent) hg_c=create hg_new=installed ;;
      latest:*)
        hg_old=$hg_v
        if hg_lookup "$hg_candidates" "$hg_b" '|' = && [ "$hg_v" != '(none)' ] && [ "$hg_v" != "$hg_old" ]; then hg_c=change hg_new=$hg_v; fi
        hg_v=$hg_old
        ;;
    esac
    if [ -z "$hg_c" ] && [ "$hg_state" != absent ] && [ "$hg_a" != "$hg_b" ]; then
      case $hg_v in \${hg_a#*=}) ;; *) hg_c=change hg_new=\${hg_a#*=} ;; esac
    fi
    [ -n "$hg_c" ] || continue
    hg_names="$hg_names $hg_a"
    hg_diff "$hg_b" "$hg_v" "$hg_new"
    [ "$hg_kind" = change ] || hg_kind=$hg_c
  done
  hg_want "$hg_kind" "$hg_seen"
}

hg_apt() {
  [ "$hg_euid" = 0 ] || { hg_fail "installing packages needs root: set become: sudo for this node"; return 1; }
  hg_need apt-get dpkg-query || return 1
  hg_run env DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=a apt-get -q -y -o DPkg::Lock::Timeout="$hg_limit" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@" ||
    hg_fail "apt-get ended with exit code $hg_exit"
}

hg_lists_stale() {
  set +f
  set -- /var/lib/apt/lists/*_Packages* /var/lib/apt/lists/*_InRelease
  set -f
  [ -e "$1" ] || [ -e "\${2:-/nonexistent}" ] || return 0
  hg_o=$(find /var/lib/apt/lists -maxdepth 1 -mmin -1440 2>/dev/null)
  [ -z "$hg_o" ]
}

hg_package_apply() {
  hg_memory_file=$1 hg_update=$2 hg_recommends=$3
  shift 3
  if [ "$hg_packages" = missing ]; then hg_fail "this node has no dpkg: package steps need Debian or Ubuntu"; return 1; fi
  hg_package_check "$@"
  if [ "$1" = absent ]; then
    hg_apt purge -- $hg_names
    return
  fi
  [ "$hg_euid" = 0 ] || { hg_apt; return 1; }
  if [ "$hg_update" = true ] || { [ "$hg_update" = stale ] && hg_lists_stale; }; then hg_apt update || return 1; fi
  hg_before=
  [ "$hg_memory" != 1 ] || hg_before=$(dpkg-query -W -f '\${db:Status-Status} \${binary:Package}\n')
  hg_apt install --allow-downgrades "--$hg_recommends" -- $hg_names || return 1
  [ "$hg_memory" = 1 ] || return 0
  hg_after=$(dpkg-query -W -f '\${db:Status-Status} \${binary:Package}\n')
  hg_directory_of "$HG_STATE/originals" || return 1
  IFS=$hg_nl
  for hg_line in $hg_after; do
    case $hg_line in installed*) ;; *) continue ;; esac
    case "$hg_nl$hg_before$hg_nl" in *"$hg_nl$hg_line$hg_nl"*) ;; *) printf '%s\n' "\${hg_line#* }" ;; esac
  done >>"$hg_memory_file" || hg_fail "the list of installed packages could not be kept"
  IFS=$hg_space
}

hg_unpackage_check() {
  hg_memory_file=$1
  shift
  hg_ours=
  if [ -r "$hg_memory_file" ]; then
    while read -r hg_line; do hg_ours="$hg_ours $hg_line"; done <"$hg_memory_file"
  fi
  hg_mine=
  for hg_a in "$@"; do
    case " $hg_ours " in *" \${hg_a%%=*} "* | *" \${hg_a%%=*}:"*) hg_mine="$hg_mine \${hg_a%%=*}" ;; esac
  done
  if [ -z "$hg_mine" ]; then hg_none "not installed by Halligan"; return; fi
  hg_package_check absent $hg_mine
}

hg_unpackage_apply() {
  hg_unpackage_check "$@"
  hg_apt purge -- $hg_names || return 1
  hg_left=
  # Nobody needs what is only recommended or suggested: these came with ours.
  hg_o=$(apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove 2>/dev/null)
  for hg_a in $hg_ours; do
    case "$hg_o" in *"Remv $hg_a "* | *"Remv \${hg_a%%:*} "*) hg_left="$hg_left $hg_a" ;; esac
  done
  [ -z "$hg_left" ] || hg_apt purge -- $hg_left || return 1
  hg_try rm -f -- "$hg_memory_file"
}
`;

/** Debian packages. */
export const packageKind: StepKind<typeof schema> = {
  kind: "package",
  summary: "Debian and Ubuntu packages, one apt call per step.",
  schema,
  shorthand: (value) => (typeof value === "string" || Array.isArray(value) ? { name: value } : undefined),
  naturalId: (args) => args.name.join(","),
  label: (args) => `package ${args.name.join(", ")}${args.state === "present" ? "" : ` ${args.state}`}`,
  readOnly: false,
  undo: {
    class: "inverse",
    means: "Packages that Halligan installed are purged, with the dependencies that came with them and are no longer needed; others stay.",
  },
  inverse: (args) => (args.state === "absent" ? undefined : { kind: "package", args: { name: args.name, state: "absent", restore: true } }),
  sources: [],
  secretArgs: [],
  examples: [
    { title: "Short", yaml: "package: [nginx, curl]" },
    { title: "A version", yaml: "package: nginx=1.22*" },
    { title: "Gone", yaml: "package: { name: apache2, state: absent }" },
  ],
  prelude,
  compile(args, _step, context) {
    for (const name of args.name) {
      const bare = name.split("=")[0] ?? name;
      context.needs.packages.add(bare);
      if (args.state === "latest") context.needs.candidates.add(bare);
    }
    const memory = context.memory("originals", `package:${args.name.map((name) => name.split("=")[0]).join(",")}`);
    if (args.restore) {
      const going = args.name.filter((name) => !args.keep.includes(name.split("=")[0] ?? name));
      return {
        check: sh`hg_unpackage_check ${memory} ${going}`,
        apply: sh`hg_unpackage_apply ${memory} ${going}`,
        converges: true,
      };
    }
    const recommends = args.recommends ? "install-recommends" : "no-install-recommends";
    return {
      check: sh`hg_package_check ${args.state} ${args.name}`,
      apply: sh`hg_package_apply ${memory} ${String(args.update)} ${recommends} ${args.state} ${args.name}`,
      converges: true,
    };
  },
};

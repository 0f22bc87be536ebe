import { z } from "zod";
import { oneOrMany } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { measurePrelude } from "../measure.ts";
import { packagesPrelude } from "../prelude/packages.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  package: oneOrMany(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9+._-]*(=[A-Za-z0-9.+:~^_*-]+)?$/u, "must be a package name, with a version if wanted: nginx=1.22*"),
  ).describe("Packages, each with a version if wanted. Installed ones count."),
});

const prelude = `${packagesPrelude}${measurePrelude}${posix`
hg_offered_apt() {
  IFS=$hg_nl
  for hg_line in $1; do
    IFS='|'
    set -- $hg_line
    IFS=$hg_space
    set -- $1 $2
    [ "$1" = "$hg_b" ] || continue
    if [ -z "$hg_c" ] || hg_version_fits "$2" "$hg_c"; then return 0; fi
  done
  IFS=$hg_space
  return 1
}

# One that waits for a name server in vain is ended before it says so itself.
hg_fetched_why() {
  hg_v=$(grep -m 1 '^[EW]:' "$1")
  if [ -z "$hg_v" ]; then
    hg_v="it got no answer within 90 s"
    hg_o=$(grep -rhoE '^[^#]*https?://[^/ :]+' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1)
    hg_o=\${hg_o##*/}
    if [ -n "$hg_o" ] && ! timeout 20 getent hosts "$hg_o" >/dev/null 2>&1; then hg_v="the name $hg_o is not found: look at the node's DNS, /etc/resolv.conf"; fi
  fi
  hg_available_why=" (apt-get update fails: $hg_v)"
}

# Lists of its own, fetched into memory for this look alone: the node's stay as they are.
hg_fetched_apt() {
  hg_dir=$HG_VOLATILE/apt
  if [ ! -e "$hg_dir/fetched" ]; then
    mkdir -p "$hg_dir/lists/partial" "$hg_dir/cache/archives/partial"
    timeout 90 apt-get -q -q -o Dir::State::Lists="$hg_dir/lists" -o Dir::Cache="$hg_dir/cache" -o Acquire::GzipIndexes=true -o Acquire::Languages=none \
      -o APT::Sandbox::User=root update </dev/null >"$hg_dir/said" 2>&1 3>&- 4>&- 5>&- 7>&- 8>&- || hg_fetched_why "$hg_dir/said"
    true >"$hg_dir/fetched"
  fi
  hg_offered_apt "$(apt-cache -o Dir::State::Lists="$hg_dir/lists" -o Dir::Cache="$hg_dir/cache" madison -- "$hg_b" 2>/dev/null)"
}

hg_offered() {
  case $hg_manager in
    apt) hg_offered_apt "$hg_madison" || hg_fetched_apt ;;
    dnf) hg_o=$(timeout 90 dnf -q repoquery --qf '%{name}\n' "$hg_b\${hg_c:+-$hg_c}" </dev/null 2>/dev/null) && [ -n "$hg_o" ] ;;
    zypper)
      hg_o=$(timeout 90 zypper --non-interactive --no-refresh --quiet search --details --match-exact --type package "$hg_b" </dev/null 2>/dev/null) || return 1
      [ -n "$hg_c" ] || return 0
      hg_a=$hg_b
      hg_zypper_version
      ;;
    apk) hg_o=$(apk search -e -- "$hg_b" 2>/dev/null) && [ -n "$hg_o" ] ;;
    *) return 1 ;;
  esac
}

hg_available() {
  hg_available_said= hg_available_why= hg_gathered=\${hg_packages:-}
  hg_w= hg_missing=
  for hg_x in "$@"; do hg_w="$hg_w \${hg_x%%=*}"; done
  hg_installed $hg_w
  for hg_x in "$@"; do
    hg_lookup "$hg_packages" "\${hg_x%%=*}" '|' = || hg_missing=1
    case $hg_x in *=*) hg_missing=1 ;; esac
  done
  hg_madison=
  # One look at all of them: apt reads its whole cache each time.
  if [ -n "$hg_missing" ] && [ "$hg_manager" = apt ]; then hg_madison=$(apt-cache madison -- $hg_w 2>/dev/null); fi
  for hg_x in "$@"; do
    hg_b=\${hg_x%%=*} hg_c=
    case $hg_x in *=*) hg_c=\${hg_x#*=} ;; esac
    if hg_lookup "$hg_packages" "$hg_b" '|' = && { [ -z "$hg_c" ] || hg_version_fits "$hg_v" "$hg_c"; }; then continue; fi
    hg_offered || hg_available_said="$hg_available_said\${hg_available_said:+, }$hg_x"
  done
  hg_error= hg_packages=$hg_gathered
  [ -n "$hg_available_said" ] || return 0
  hg_available_said="no repository of the node has $hg_available_said$hg_available_why"
  return 1
}
`}`;

/** Packages that the node could install. */
export const availableKind: StepKind<typeof schema> = {
  kind: "available",
  summary: "Packages that the node has, or that a repository of the node offers.",
  schema,
  shorthand: (value) => (typeof value === "string" || Array.isArray(value) ? { package: value } : undefined),
  naturalId: (args) => args.package.join(","),
  label: (args) => `available ${args.package.join(", ")}`,
  readOnly: true,
  undo: { class: "none", means: "It only looks." },
  inverse: () => undefined,
  sources: [],
  secretArgs: [],
  examples: [{ title: "In checks", yaml: "{ code: DB-106, available: [mariadb-server, galera-4], curedBy: [base] }" }],
  prelude,
  compile(args, _step, context) {
    const run = sh`hg_available ${args.package}
hg_v=$?
said_${context.index}=$hg_available_said
return "$hg_v"`;
    const guard = context.guard({ text: `available ${args.package.join(",")}`, run });
    const check = sh`hg_measured "$q_${guard}" "$said_${context.index}"`;
    return { check, apply: sh`hg_measured_fail "$said_${context.index}"`, converges: true };
  },
};

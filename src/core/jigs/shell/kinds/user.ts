import { z } from "zod";
import { absolutePath, accountName, flag, oneLine, whole } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { accountsPrelude } from "../prelude/accounts.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  name: accountName.describe("Login name."),
  uid: whole.optional().describe("Number. Default: the next free one."),
  group: accountName.optional().describe("Primary group. Default: one with the user's name."),
  groups: z.array(accountName).default([]).describe("Further groups that the user must be in; others stay."),
  home: absolutePath.optional().describe("Home folder; made with the user unless system is true. Default /home/NAME."),
  shell: absolutePath
    .optional()
    .describe(
      "Login shell. Default of a new user: /bin/bash, of a system user /usr/sbin/nologin; with busybox tools /bin/sh and /sbin/nologin.",
    ),
  comment: oneLine
    .refine((value) => !value.includes(":"), "must not hold ':'")
    .optional()
    .describe("Full name or purpose."),
  system: flag.default(false).describe("Take a number from the system's range and make no home."),
  keys: z.array(oneLine.min(1)).default([]).describe("Lines that must be in ~/.ssh/authorized_keys; others stay."),
  state: z.enum(["present", "absent"]).default("present").describe("absent: the user is removed; the home stays."),
  restore: flag
    .default(false)
    .describe("With state absent: only if Halligan made the user, then with the home; keys that Halligan added go in any case."),
});

const prelude = `${accountsPrelude}${posix`
hg_user_look() {
  hg_uid= hg_gid= hg_full= hg_home= hg_shell=
  hg_lookup "$hg_passwd" "$1" "$hg_nl" : || return 1
  hg_v=\${hg_v#*:}
  hg_uid=\${hg_v%%:*}
  hg_v=\${hg_v#*:}
  hg_gid=\${hg_v%%:*}
  hg_v=\${hg_v#*:}
  hg_full=\${hg_v%%:*}
  hg_v=\${hg_v#*:}
  hg_home=\${hg_v%%:*}
  hg_shell=\${hg_v#*:}
}

hg_user_home() {
  if hg_lookup "$hg_passwd" "$1" "$hg_nl" :; then
    hg_v=\${hg_v#*:*:*:*:}
    hg_v=\${hg_v%%:*}
  else
    hg_v=\${2:-/home/$1}
  fi
}

hg_user_check() {
  hg_user_wrong= hg_missing_groups= hg_missing_keys=
  if ! hg_user_look "$1"; then
    hg_missing_groups=$7
    hg_want create absent
    return
  fi
  hg_seen="uid $hg_uid, gid $hg_gid, home $hg_home, shell $hg_shell"
  if [ -n "$2" ] && [ "$2" != "$hg_uid" ]; then hg_diff uid "$hg_uid" "$2"; hg_user_wrong=1; fi
  if [ -n "$3" ]; then
    hg_v=
    hg_lookup "$hg_group" "$3" "$hg_nl" : || :
    hg_v=\${hg_v#*:}
    if [ "\${hg_v%%:*}" != "$hg_gid" ]; then hg_diff group "$hg_gid" "$3"; hg_user_wrong=1; fi
  fi
  if [ -n "$4" ] && [ "$4" != "$hg_home" ]; then hg_diff home "$hg_home" "$4"; hg_user_wrong=1; fi
  if [ -n "$5" ] && [ "$5" != "$hg_shell" ]; then hg_diff shell "$hg_shell" "$5"; hg_user_wrong=1; fi
  if [ -n "$6" ] && [ "$6" != "\${hg_full%%,*}" ]; then hg_diff comment "$hg_full" "$6"; hg_user_wrong=1; fi
  for hg_a in $7; do
    hg_v=
    hg_lookup "$hg_group" "$hg_a" "$hg_nl" : || :
    hg_b=\${hg_v%:*}
    if [ "\${hg_b##*:}" = "$hg_gid" ]; then continue; fi
    case ",\${hg_v##*:}," in *",$1,"*) continue ;; esac
    hg_missing_groups="$hg_missing_groups $hg_a"
    hg_diff groups "" "$hg_a"
  done
  if [ -n "$hg_user_wrong$hg_missing_groups" ]; then hg_want change "$hg_seen\${hg_missing_groups:+, not in$hg_missing_groups}"; else hg_none "$hg_seen"; fi
}

hg_keys_check() {
  hg_ref "$1"
  shift
  case $x in '' | *"$hg_nl") ;; *) x=$x$hg_nl ;; esac
  hg_count=0
  for hg_a in "$@"; do
    case "$hg_nl$x" in *"$hg_nl$hg_a$hg_nl"*) ;; *) hg_missing_keys="$hg_missing_keys$hg_a$hg_nl"; hg_count=$((hg_count + 1)) ;; esac
  done
  [ "$hg_count" != 0 ] || return 0
  hg_diff keys "$(($# - hg_count)) of $#" "$# of $#"
  [ "$hg_change" != none ] || hg_want change "$hg_observed, $(($# - hg_count)) of $# keys"
}

hg_user_apply() {
  hg_user_name=$1 hg_user_system=$8 hg_user_memory=$9
  hg_user_check "$1" "$2" "$3" "$4" "$5" "$6" "$7"
  hg_joined=
  for hg_a in $hg_missing_groups; do hg_joined="$hg_joined\${hg_joined:+,}$hg_a"; done
  hg_w2=$2 hg_w3=$3 hg_w4=$4 hg_w5=$5 hg_w6=$6
  hg_account_tools || return 1
  set --
  [ -z "$hg_w2" ] || set -- "$@" -u "$hg_w2"
  [ -z "$hg_w3" ] || set -- "$@" -g "$hg_w3"
  [ -z "$hg_w4" ] || set -- "$@" -d "$hg_w4"
  [ -z "$hg_w6" ] || set -- "$@" -c "$hg_w6"
  if [ "$hg_change" = create ]; then
    if [ -z "$hg_w3" ]; then set -- "$@" -U; fi
    if [ "$hg_user_system" = 1 ]; then
      set -- "$@" -r -M -s "\${hg_w5:-/usr/sbin/nologin}"
    else
      set -- "$@" -m -s "\${hg_w5:-/bin/bash}"
    fi
    [ -z "$hg_joined" ] || set -- "$@" -G "$hg_joined"
    hg_v=\${hg_w4:-/home/$hg_user_name}
    hg_home_was=0
    [ ! -e "$hg_v" ] || hg_home_was=1
    if [ "$hg_accounts" = busybox ]; then hg_user_make "$hg_user_name" || return 1
    else hg_try useradd "$@" -- "$hg_user_name" || return 1
    fi
    [ "$hg_memory" = 1 ] || return 0
    hg_directory_of "$HG_STATE/originals" && printf '%s\n' "$hg_home_was" >"$hg_user_memory.none"
    return
  fi
  if [ "$hg_change" = none ]; then return 0; fi
  if [ "$hg_accounts" = busybox ] && [ -z "$hg_user_wrong" ]; then hg_user_join "$hg_user_name"; return; fi
  hg_account_fixed "anything but the groups" && hg_need usermod || return 1
  [ -z "$hg_w5" ] || set -- "$@" -s "$hg_w5"
  [ -z "$hg_joined" ] || set -- "$@" -a -G "$hg_joined"
  hg_try usermod "$@" -- "$hg_user_name"
}

hg_keys_apply() {
  hg_missing_keys=
  hg_keys_number=$1
  hg_keys_check "$@"
  [ -n "$hg_missing_keys" ] || return 0
  hg_user_look "$hg_user_name" || { hg_fail "there is no user $hg_user_name"; return 1; }
  hg_dir=$hg_home/.ssh
  if [ ! -d "$hg_home" ]; then hg_fail "the home $hg_home of $hg_user_name does not exist: keys have no place"; return 1; fi
  if [ -L "$hg_dir" ]; then hg_fail "$hg_dir is a symlink: keys are not written through it"; return 1; fi
  if [ ! -d "$hg_dir" ]; then
    hg_try mkdir -m 700 -- "$hg_dir" || return 1
    [ "$hg_euid" != 0 ] || hg_try chown -h -- "$hg_uid:$hg_gid" "$hg_dir" || return 1
  fi
  hg_ref "$hg_keys_number"
  case $t in none | file) ;; *) hg_fail "$p is no plain file"; return 1 ;; esac
  if [ "$hg_memory" = 1 ]; then
    hg_directory_of "$HG_STATE/originals" && printf %s "$hg_missing_keys" >>"$hg_user_memory.keys" || return 1
  fi
  case $x in '' | *"$hg_nl") ;; *) x=$x$hg_nl ;; esac
  if [ "$t" = none ]; then m=600; fi
  if [ "$hg_euid" = 0 ]; then
    hg_write_text "$x$hg_missing_keys" "$m" "$hg_uid" "$hg_gid"
  else
    hg_write_text "$x$hg_missing_keys" "$m" '' ''
  fi
}

hg_nouser_check() {
  if [ "$2" = 1 ] && [ ! -e "$3.none" ] && [ ! -e "$3.keys" ]; then hg_none "not ours"; return; fi
  if hg_user_look "$1"; then
    if [ "$2" = 1 ] && [ ! -e "$3.none" ]; then hg_want change "with keys of ours"; else hg_want destroy "uid $hg_uid"; fi
  else
    if [ "$2" = 1 ] && [ "$hg_mode" = remove ]; then rm -f -- "$3.none" "$3.keys"; fi
    hg_none absent
  fi
}

hg_nouser_apply() {
  hg_user_look "$1"
  if [ "$2" = 1 ] && [ ! -e "$3.none" ]; then
    hg_ref "$4"
    if [ "$t" = file ]; then
      hg_text=$(printf %s "$x" | grep -vxF -f "$3.keys"; printf x)
      hg_text=\${hg_text%x}
      hg_dir=\${p%/*}
      hg_write_text "$hg_text" "$m" "$hg_uid" "$hg_gid" || return 1
    fi
    hg_try rm -f -- "$3.keys"
    return
  fi
  hg_account_tools || return 1
  hg_v=1
  if [ "$2" = 1 ]; then read -r hg_v <"$3.none" || :; fi
  if [ "$hg_accounts" = busybox ]; then hg_try deluser "$1" || return 1
  else hg_try userdel -- "$1" || return 1
  fi
  if [ "$hg_v" = 0 ] && [ -d "$hg_home" ]; then
    case $hg_home in /*/*) hg_try rm -rf -- "$hg_home" || return 1 ;; esac
  fi
  [ "$2" != 1 ] || rm -f -- "$3.none" "$3.keys"
}
`}`;

/** A user with groups and SSH keys. */
export const userKind: StepKind<typeof schema> = {
  kind: "user",
  summary: "A user of the local database, with groups and SSH keys.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { name: value } : undefined),
  naturalId: (args) => args.name,
  label: (args) => `user ${args.name}${args.state === "absent" ? " absent" : ""}`,
  readOnly: false,
  undo: {
    class: "inverse",
    means: "A user that Halligan made is removed with the home that was made; from others only the keys that Halligan added are removed.",
  },
  inverse: (args) => (args.state === "absent" ? undefined : { kind: "user", args: { name: args.name, state: "absent", restore: true } }),
  sources: [],
  secretArgs: [],
  examples: [
    { title: "An operator", yaml: 'user: { name: ops, groups: [sudo], shell: /bin/bash, keys: ["ssh-ed25519 AAAA... ops@desk"] }' },
    { title: "For a service", yaml: "user: { name: app, system: true, home: /var/lib/app }" },
  ],
  prelude,
  compile(args, _step, context) {
    context.needs.users.add(args.name);
    for (const name of [...args.groups, ...(args.group === undefined ? [] : [args.group])]) context.needs.groups.add(name);
    const memory = context.memory("originals", `user:${args.name}`);
    const keysPath = sh`"$hg_v"/.ssh/authorized_keys`;
    const findHome = sh`hg_user_home ${args.name} ${args.home ?? ""}`;
    if (args.state === "absent") {
      const k = args.restore ? context.path(keysPath, { content: true }, findHome) : 0;
      const words = sh`${args.name} ${args.restore ? 1 : 0} ${memory}`;
      return { check: sh`hg_nouser_check ${words}`, apply: sh`hg_nouser_apply ${words} ${k}`, converges: true };
    }
    const uid = args.uid === undefined ? "" : String(args.uid);
    const words = sh`${args.name} ${uid} ${args.group ?? ""} ${args.home ?? ""} ${args.shell ?? ""} ${args.comment ?? ""} ${args.groups.join(" ")}`;
    const check = sh`hg_user_check ${words}`;
    const apply = sh`hg_user_apply ${words} ${args.system ? 1 : 0} ${memory} || return 1`;
    if (args.keys.length === 0) return { check, apply, converges: true, ...(args.system ? { touches: "accounts" } : {}) };
    const k = context.path(keysPath, { content: true }, findHome);
    return {
      check: sh`${check}
hg_keys_check ${k} ${args.keys}`,
      apply: sh`${apply}
g_${context.index}
hg_keys_apply ${k} ${args.keys}`,
      converges: true,
    };
  },
};

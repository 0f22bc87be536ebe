import { z } from "zod";
import { accountName, flag, whole } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { accountsPrelude } from "../prelude/accounts.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  name: accountName.describe("Name of the group."),
  gid: whole.optional().describe("Number of the group. Default: the next free one."),
  system: flag.default(false).describe("Take a number from the system's range."),
  state: z.enum(["present", "absent"]).default("present").describe("absent: the group is removed."),
  restore: flag.default(false).describe("With state absent: only if Halligan made it."),
});

const prelude = `${accountsPrelude}${posix`
hg_group_check() {
  hg_v=
  if hg_lookup "$hg_group" "$1" "$hg_nl" :; then
    hg_v=\${hg_v#*:}
    hg_v=\${hg_v%%:*}
    hg_seen="gid $hg_v"
    if [ -z "$2" ] || [ "$2" = "$hg_v" ]; then hg_none "$hg_seen"; return; fi
    hg_diff gid "$hg_v" "$2"
    hg_want change "$hg_seen"
  else
    hg_want create absent
  fi
}

hg_group_apply() {
  hg_group_check "$1" "$2"
  hg_account_tools || return 1
  if [ "$hg_change" = change ]; then
    hg_account_fixed "the number" || return 1
    hg_need groupmod && hg_try groupmod -g "$2" -- "$1"
    return
  fi
  hg_system=$3 hg_memory_file=$4 hg_number=$2 hg_name=$1
  set --
  [ -z "$hg_number" ] || set -- "$@" -g "$hg_number"
  if [ "$hg_accounts" = busybox ]; then
    [ "$hg_system" = 0 ] || set -- "$@" -S
    hg_try addgroup "$@" "$hg_name" || return 1
  else
    [ "$hg_system" = 0 ] || set -- "$@" -r
    hg_try groupadd "$@" -- "$hg_name" || return 1
  fi
  [ "$hg_memory" = 1 ] || return 0
  hg_directory_of "$HG_STATE/originals" && true >"$hg_memory_file.none"
}

hg_nogroup_check() {
  if [ "$2" = 1 ] && [ ! -e "$3.none" ]; then hg_none "not ours"; return; fi
  if hg_lookup "$hg_group" "$1" "$hg_nl" :; then
    hg_want destroy present
  else
    if [ "$2" = 1 ] && [ "$hg_mode" = remove ]; then rm -f -- "$3.none"; fi
    hg_none absent
  fi
}

hg_nogroup_apply() {
  hg_account_tools || return 1
  if [ "$hg_accounts" = busybox ]; then hg_try delgroup "$1" || return 1
  else hg_need groupdel && hg_try groupdel -- "$1" || return 1
  fi
  [ "$2" != 1 ] || rm -f -- "$3.none"
}
`}`;

/** A group. */
export const groupKind: StepKind<typeof schema> = {
  kind: "group",
  summary: "A group of the local user database.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { name: value } : undefined),
  naturalId: (args) => args.name,
  label: (args) => `group ${args.name}${args.state === "absent" ? " absent" : ""}`,
  readOnly: false,
  undo: { class: "inverse", means: "A group that Halligan made is removed." },
  inverse: (args) => (args.state === "absent" ? undefined : { kind: "group", args: { name: args.name, state: "absent", restore: true } }),
  sources: [],
  secretArgs: [],
  examples: [{ title: "A group", yaml: "group: { name: app, system: true }" }],
  prelude,
  compile(args, _step, context) {
    context.needs.groups.add(args.name);
    const memory = context.memory("originals", `group:${args.name}`);
    if (args.state === "absent") {
      const words = sh`${args.name} ${args.restore ? 1 : 0} ${memory}`;
      return { check: sh`hg_nogroup_check ${words}`, apply: sh`hg_nogroup_apply ${words}`, converges: true };
    }
    const gid = args.gid === undefined ? "" : String(args.gid);
    return {
      check: sh`hg_group_check ${args.name} ${gid}`,
      apply: sh`hg_group_apply ${args.name} ${gid} ${args.system ? 1 : 0} ${memory}`,
      converges: true,
      touches: "groups",
    };
  },
};

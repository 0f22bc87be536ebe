import { z } from "zod";
import { absolutePath, flag, oneLine } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";
import { textFilesPrelude } from "../text-files.ts";

const schema = z.strictObject({
  key: z
    .string()
    .regex(/^[A-Za-z0-9_-]+([./][A-Za-z0-9_@:-]+)+$/u, "must be the name of a kernel setting, such as net.ipv4.ip_forward")
    .describe("Name, with dots; with slashes where a part holds a dot itself (net/ipv4/conf/eth0.100/forwarding)."),
  value: z
    .union([oneLine, z.number().transform(String)])
    .transform((value) => value.trim().replace(/\s+/gu, " "))
    .pipe(z.string().min(1))
    .describe("Value; several numbers are separated by blanks."),
  file: absolutePath
    .refine((value) => /^\/etc\/sysctl\.d\/[^/]+\.conf$/u.test(value), "must be /etc/sysctl.d/NAME.conf")
    .default("/etc/sysctl.d/60-halligan.conf")
    .describe("File that keeps the value for the next boot; other lines in it stay."),
  apply: z
    .enum(["now", "persist-only"])
    .default("now")
    .describe("persist-only: only the file is written, for machines whose /proc/sys is read-only."),
  restore: flag.default(false).describe("Bring back the running value and the line that were there before."),
});

const prelude = `${textFilesPrelude}${posix`
hg_sysctl_read() {
  hg_o=$(cat -- "/proc/sys/$1" 2>/dev/null) || { hg_sysctl_is=; return 1; }
  set -- $hg_o
  hg_sysctl_is="$*"
}

hg_sysctl_judge() {
  hg_sysctl_read "$1" && [ "$hg_sysctl_is" = "$2" ]
}

hg_sysctl_look() {
  hg_text_look "$1" 0
  hg_old= hg_file_is=
  hg_b=$2 hg_c=$3
  IFS=$hg_nl
  set -- $x
  IFS=$hg_space
  for hg_line in "$@"; do
    case $hg_line in *=*) ;; *) continue ;; esac
    set -- \${hg_line%%=*}
    hg_a=\${1:-#}
    hg_a=\${hg_a#-}
    if [ "$hg_a" != "$hg_b" ] && [ "$hg_a" != "$hg_c" ]; then continue; fi
    set -- \${hg_line#*=}
    hg_old=$hg_line hg_file_is="$*"
  done
}

hg_sysctl_check() {
  hg_sysctl_look "$1" "$2" "$3"
  hg_sysctl_is=
  if [ "$hg_init" != fixture ]; then hg_sysctl_read "$3"; fi
  if [ "$4" = 0 ]; then hg_sysctl_is=$5; fi
  hg_seen="running \${hg_sysctl_is:-unknown}, kept \${hg_file_is:-nothing}"
  if [ "$hg_file_is" = "$5" ] && { [ "$4" = 0 ] || [ "$6" != now ]; }; then hg_none "$hg_seen"; return; fi
  hg_want change "$hg_seen"
  [ "$6" != now ] || hg_diff "running" "$hg_sysctl_is" "$5"
  hg_diff "$p" "\${hg_file_is:-(nothing)}" "$5"
}

hg_sysctl_set() {
  [ -e "/proc/sys/$2" ] || { hg_fail "this kernel has no setting $1: a module may have to be loaded first"; return 1; }
  hg_e=$({ printf '%s\n' "$3" >"/proc/sys/$2"; } 2>&1) && return 0
  hg_words "$hg_e"
  hg_fail "$1 could not be set: $hg_w; where /proc/sys is read-only, as in a container, set apply: persist-only"
}

hg_sysctl_apply() {
  if [ -n "$hg_error" ]; then return 1; fi
  hg_kept=$7
  if [ "$6" = now ] && [ "$4" != 0 ]; then
    if [ "$hg_memory" = 1 ] && [ ! -e "$hg_kept.was" ]; then
      hg_directory_of "$HG_STATE/originals" && printf '%s\n' "$hg_sysctl_is" >"$hg_kept.was" || { hg_fail "the former value could not be kept"; return 1; }
    fi
    hg_sysctl_set "$2" "$3" "$5" || return 1
  fi
  [ "$hg_file_is" != "$5" ] || return 0
  hg_entry_remember "$hg_kept" || return 1
  [ "$t" = file ] || x=
  hg_entry_swap "$hg_old" "$2 = $5"
  hg_write_text "$hg_text" "\${m:-644}" '' ''
}

hg_sysctl_back_check() {
  hg_sysctl_look "$1" "$2" "$3"
  hg_sysctl_was= hg_v= hg_rest=
  if [ ! -e "$4" ] && [ ! -e "$4.was" ]; then hg_none "not changed by Halligan"; return; fi
  if [ -r "$4.was" ]; then
    IFS= read -r hg_sysctl_was <"$4.was" || :
    hg_sysctl_read "$3"
    [ "$hg_sysctl_is" != "$hg_sysctl_was" ] || hg_sysctl_was=
  fi
  hg_text=$x
  if [ -e "$4" ] && [ -z "$hg_error" ] && [ "$t" = file ]; then hg_entry_back "$4"; fi
  if [ -z "$hg_sysctl_was" ] && [ "$hg_text" = "$x" ] && { [ "$hg_v" != created ] || [ -n "$x" ]; }; then
    [ "$hg_mode" != remove ] || rm -f -- "$4" "$4.was"
    hg_none "$hg_seen"
  elif [ "$hg_v" = created ] && [ -z "$hg_text" ]; then hg_want destroy "$hg_seen"
  else hg_want change "$hg_seen"
  fi
}

hg_sysctl_back_apply() {
  hg_sysctl_back_check "$1" "$2" "$3" "$4"
  if [ -n "$hg_error" ]; then return 1; fi
  if [ -n "$hg_sysctl_was" ]; then hg_sysctl_set "$2" "$3" "$hg_sysctl_was" || return 1; fi
  hg_entry_write_back && hg_try rm -f -- "$4" "$4.was"
}
`}`;

/** A kernel setting, now and at the next boot. */
export const sysctlKind: StepKind<typeof schema> = {
  kind: "sysctl",
  summary: "A kernel setting: set now, and kept in /etc/sysctl.d for the next boot.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.key,
  label: (args) => `sysctl ${args.key} ${args.restore ? "as before" : `= ${args.value}`}`,
  readOnly: false,
  undo: {
    class: "restore",
    means: "The former running value and the former line come back; a file made for it is removed when nothing else is in it.",
  },
  inverse: (args) => (args.restore ? undefined : { kind: "sysctl", args: { ...args, restore: true } }),
  sources: [],
  secretArgs: [],
  examples: [
    { title: "Forwarding", yaml: "sysctl: { key: net.ipv4.ip_forward, value: 1 }" },
    {
      title: "Several numbers, a file of your own",
      yaml: 'sysctl: { key: net.ipv4.tcp_rmem, value: "4096 87380 16777216", file: /etc/sysctl.d/70-store.conf }',
    },
  ],
  prelude,
  compile(args, _step, context) {
    const slashes = args.key.includes("/") ? args.key : args.key.replaceAll(".", "/");
    const k = context.path(args.file, { digest: true, content: true });
    const memory = context.memory("originals", `sysctl:${args.file}:${args.key}`);
    const names = sh`${k} ${args.key} ${slashes}`;
    if (args.restore)
      return { check: sh`hg_sysctl_back_check ${names} ${memory}`, apply: sh`hg_sysctl_back_apply ${names} ${memory}`, converges: true };
    const guard = context.guard({ text: `sysctl ${args.key}=${args.value}`, run: sh`hg_sysctl_judge ${slashes} ${args.value}` });
    const words = sh`${names} "$q_${guard}" ${args.value} ${args.apply}`;
    return {
      check: sh`hg_sysctl_check ${words}`,
      apply: sh`hg_sysctl_check ${words}
hg_sysctl_apply ${words} ${memory}`,
      converges: true,
    };
  },
};

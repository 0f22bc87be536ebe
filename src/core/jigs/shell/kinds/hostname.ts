import { z } from "zod";
import { flag } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";
import { textFilesPrelude } from "../text-files.ts";

const schema = z.strictObject({
  name: z
    .string()
    .regex(
      /^(?=.{1,64}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/u,
      "must be a host name of up to 64 characters",
    )
    .describe("Host name, short or with its domain. Names and addresses are another matter: see hosts."),
  apply: z
    .enum(["now", "persist-only"])
    .default("now")
    .describe("persist-only: only /etc/hostname is written, for containers that may not change their running name."),
  restore: flag.default(false).describe("Bring back the name that was there before."),
});

const prelude = `${textFilesPrelude}${posix`
hg_hostname_running() {
  hg_name_is=
  if [ "$hg_init" = fixture ]; then return 1; fi
  IFS= read -r hg_name_is </proc/sys/kernel/hostname
  [ "$hg_name_is" = "$1" ]
}

hg_hostname_check() {
  hg_text_look "$1" 0
  if [ "$2" = 0 ]; then hg_name_is=$3; else hg_hostname_running "$3"; fi
  hg_kept_name=\${x%"$hg_nl"}
  hg_seen="running \${hg_name_is:-unknown}, kept \${hg_kept_name:-nothing}"
  if [ "$t" = file ] && [ "$hg_kept_name" = "$3" ] && { [ "$2" = 0 ] || [ "$4" != now ]; }; then hg_none "$hg_seen"; return; fi
  hg_want change "$hg_seen"
  [ "$4" != now ] || hg_diff running "$hg_name_is" "$3"
  hg_diff "$p" "\${hg_kept_name:-(nothing)}" "$3"
}

hg_hostname_set() {
  if [ -d /run/systemd/system ] && hostnamectl set-hostname "$1" </dev/null >/dev/null 2>&1; then return 0; fi
  if command -v hostname >/dev/null 2>&1; then hg_e=$(hostname "$1" 2>&1)
  else hg_e=$({ printf %s "$1" >/proc/sys/kernel/hostname; } 2>&1)
  fi && return 0
  hg_words "$hg_e"
  hg_fail "the running name could not be changed: $hg_w; in a container that may not, set apply: persist-only"
}

hg_hostname_apply() {
  if [ -n "$hg_error" ]; then return 1; fi
  hg_remember "$5" || return 1
  if [ "$hg_memory" = 1 ] && [ ! -e "$5.was" ]; then
    IFS= read -r hg_a </proc/sys/kernel/hostname
    printf '%s\n' "$hg_a" >"$5.was" || { hg_fail "the former name could not be kept"; return 1; }
  fi
  if [ "$t" != file ] || [ "$hg_kept_name" != "$3" ]; then
    hg_m=
    [ "$t" != file ] || hg_m=$m
    hg_write_text "$3$hg_nl" "\${hg_m:-644}" '' '' || return 1
  fi
  if [ "$4" != now ] || [ "$2" = 0 ]; then return 0; fi
  hg_hostname_set "$3"
}

hg_hostname_back_check() {
  hg_text_look "$1" 0
  hg_error=
  if [ ! -e "$2.was" ]; then hg_none "not changed by Halligan"; return; fi
  IFS= read -r hg_v <"$2.was" || :
  hg_hostname_running "$hg_v"
  hg_want change "running $hg_name_is"
  hg_diff running "$hg_name_is" "$hg_v"
}

hg_hostname_back_apply() {
  hg_hostname_back_check "$1" "$2"
  hg_parent "$p" || return 1
  [ "$hg_name_is" = "$hg_v" ] || hg_hostname_set "$hg_v" || return 1
  if [ -e "$2" ]; then
    hg_temporary "$hg_dir" "$hg_index"
    hg_try cp -a -- "$2" "$hg_temp" || return 1
    hg_e=$(mv -f -- "$hg_temp" "$p" 2>&1) || { rm -f -- "$hg_temp"; hg_try cp -- "$2" "$p" || return 1; }
  elif [ -e "$2.none" ]; then hg_try rm -f -- "$p" || return 1
  fi
  hg_try rm -f -- "$2" "$2.none" "$2.was"
}
`}`;

/** The machine's name. */
export const hostnameKind: StepKind<typeof schema> = {
  kind: "hostname",
  summary: "The machine's own name: now, and in /etc/hostname for the next boot.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { name: value } : undefined),
  naturalId: (args) => args.name,
  label: (args) => (args.restore ? "hostname as before" : `hostname ${args.name}`),
  readOnly: false,
  undo: { class: "restore", means: "The former running name and the former /etc/hostname come back." },
  inverse: (args) => (args.restore ? undefined : { kind: "hostname", args: { ...args, restore: true } }),
  sources: [],
  secretArgs: [],
  examples: [{ title: "As in the inventory", yaml: 'hostname: "{{ node.name }}"' }],
  prelude,
  compile(args, _step, context) {
    const k = context.path("/etc/hostname", { digest: true, content: true });
    const memory = context.memory("originals", "hostname");
    if (args.restore)
      return { check: sh`hg_hostname_back_check ${k} ${memory}`, apply: sh`hg_hostname_back_apply ${k} ${memory}`, converges: true };
    const guard = context.guard({ text: `hostname ${args.name}`, run: sh`hg_hostname_running ${args.name}` });
    const words = sh`${k} "$q_${guard}" ${args.name} ${args.apply}`;
    return {
      check: sh`hg_hostname_check ${words}`,
      apply: sh`hg_hostname_check ${words}
hg_hostname_apply ${words} ${memory}`,
      converges: true,
    };
  },
};

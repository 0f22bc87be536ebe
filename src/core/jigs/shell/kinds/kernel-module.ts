import { z } from "zod";
import { flag } from "../args.ts";
import { contentPrelude } from "../content-step.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,60}$/u, "must be the name of a kernel module")
    .describe("Name; `-` and `_` mean the same."),
  state: z.enum(["present", "absent"]).default("present").describe("absent: unloaded; a module that is built into the kernel cannot be."),
  persist: flag.default(true).describe("Load it at boot too, by a file in /etc/modules-load.d."),
  restore: flag.default(false).describe("With state absent: unload it only if Halligan loaded it."),
});

const prelude = `${contentPrelude}${posix`
hg_module_look() {
  hg_module_is=absent
  if [ "$hg_init" = fixture ]; then return 1; fi
  # Only what was loaded has an init state.
  if [ -e "/sys/module/$1/initstate" ]; then hg_module_is=loaded; return 0; fi
  if [ -d "/sys/module/$1" ]; then hg_module_is=built-in; return 0; fi
  read -r hg_a </proc/sys/kernel/osrelease
  if grep -qsE -e "/$2\.ko" "/lib/modules/$hg_a/modules.builtin"; then hg_module_is=built-in; return 0; fi
  return 1
}

hg_module_check() {
  hg_module_look "$2" "$3"
  if [ "$4" = 0 ] && [ "$hg_module_is" = absent ]; then hg_module_is=loaded; fi
  hg_wanted_state=$5 hg_persist=$6
  hg_file_check "$1" "$7" 644 '' '' 0
  hg_seen="module $hg_module_is, file $hg_seen"
  case $hg_persist:$hg_change in 0:* | *:none) hg_file_fits=1 ;; *) hg_file_fits=0 ;; esac
  hg_diffs= hg_error=
  if [ "$hg_wanted_state" = present ]; then
    if [ "$hg_module_is" = absent ]; then hg_want create "$hg_seen"; hg_diff module absent loaded
    elif [ "$hg_file_fits" = 0 ]; then hg_want change "$hg_seen"
    else hg_none "$hg_seen"
    fi
    [ "$hg_file_fits" = 1 ] || hg_diff "$p" "$t" file
  elif [ "$hg_module_is" = loaded ] || [ "$t" != none ]; then
    hg_want destroy "$hg_seen"
    hg_diff module "$hg_module_is" absent
  else hg_none "$hg_seen"
  fi
}

hg_module_apply() {
  if [ "$hg_module_is" = absent ]; then
    hg_need modprobe || return 1
    hg_run modprobe -- "$2" || { hg_fail "modprobe could not load $2 (exit code $hg_exit): is it there for this kernel?"; return 1; }
    if [ "$hg_memory" = 1 ]; then
      hg_directory_of "$HG_STATE/originals" && true >"$3" || { hg_fail "that the module was loaded could not be kept"; return 1; }
    fi
  fi
  [ "$hg_file_fits" = 0 ] || return 0
  if [ "$hg_memory" = 1 ]; then hg_directory_of "$HG_STATE/originals" && true >"$3.file" || return 1; fi
  if [ -d "\${p%/*}" ] || hg_try mkdir -m 755 -- "\${p%/*}"; then hg_write_text "$2$hg_nl" 644 '' ''; fi
}

hg_module_gone() {
  hg_module_unload "$2" || return 1
  hg_ref "$1"
  hg_try rm -f -- "$p"
}

hg_module_back_check() {
  hg_module_look "$2" "$3"
  hg_ref "$1"
  if [ ! -e "$4" ] && [ ! -e "$4.file" ]; then hg_none "not loaded by Halligan"; return; fi
  if { [ -e "$4" ] && [ "$hg_module_is" = loaded ]; } || { [ -e "$4.file" ] && [ "$t" != none ]; }; then hg_want destroy "module $hg_module_is"; return; fi
  [ "$hg_mode" != remove ] || rm -f -- "$4" "$4.file"
  hg_none "module $hg_module_is"
}

hg_module_back_apply() {
  [ -e "$4" ] || hg_module_is=
  if [ -e "$4.file" ]; then hg_module_gone "$1" "$2" || return 1; else hg_module_unload "$2" || return 1; fi
  hg_try rm -f -- "$4" "$4.file"
}

hg_module_unload() {
  if [ "$hg_module_is" != loaded ]; then return 0; fi
  hg_need modprobe || return 1
  hg_run modprobe -r -- "$1" || hg_fail "modprobe could not unload $1 (exit code $hg_exit): it may be in use"
}
`}`;

/** A kernel module. */
export const kernelModuleKind: StepKind<typeof schema> = {
  kind: "kernel-module",
  summary: "A kernel module: loaded now and at boot; one that is built in counts as loaded.",
  schema,
  shorthand: (value) => (typeof value === "string" ? { name: value } : undefined),
  naturalId: (args) => args.name,
  label: (args) => `kernel module ${args.name}${args.state === "absent" ? (args.restore ? " as before" : " absent") : ""}`,
  readOnly: false,
  undo: { class: "inverse", means: "A module that Halligan loaded is unloaded, and its file in /etc/modules-load.d removed." },
  inverse: (args) =>
    args.state === "absent" ? undefined : { kind: "kernel-module", args: { name: args.name, state: "absent", restore: true } },
  sources: [],
  secretArgs: [],
  examples: [
    { title: "Short", yaml: "kernel-module: br_netfilter" },
    { title: "Only until the next boot", yaml: "kernel-module: { name: dummy, persist: false }" },
  ],
  prelude,
  compile(args, _step, context) {
    const name = args.name.replaceAll("-", "_");
    const k = context.path(`/etc/modules-load.d/halligan-${name}.conf`, { digest: true });
    const memory = context.memory("originals", `kernel-module:${name}`);
    const pattern = name.replaceAll("_", "[-_]");
    if (args.restore) {
      const words = sh`${k} ${name} ${pattern} ${memory}`;
      return {
        check: sh`hg_module_back_check ${words}`,
        apply: sh`hg_module_back_check ${words}
hg_module_back_apply ${words}`,
        converges: true,
      };
    }
    const guard = context.guard({ text: `kernel-module ${name}`, run: sh`hg_module_look ${name} ${pattern}` });
    const check = sh`hg_module_check ${k} ${name} ${pattern} "$q_${guard}" ${args.state} ${args.persist ? 1 : 0} ${hexDigest(`${name}\n`)}`;
    return {
      check,
      apply: args.state === "absent" ? sh`hg_module_gone ${k} ${name}` : sh`hg_module_apply ${k} ${name} ${memory}`,
      converges: true,
    };
  },
};

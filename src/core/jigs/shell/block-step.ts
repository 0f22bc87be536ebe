import { splitOwner } from "./args.ts";
import type { StepContext } from "./context.ts";
import type { StepInput, StepShell } from "./kind.ts";
import { posix, sh } from "./quote.ts";
import { textFilesPrelude } from "./text-files.ts";

/** A block between two marker lines of a text file. */
export interface BlockStep {
  readonly path: string;
  /** Without the newline at its end. */
  readonly block: string;
  readonly marker: string;
  /** Where a new block goes: after the last line or before the first line that this extended regular expression matches. */
  readonly after: string | undefined;
  readonly before: string | undefined;
  readonly create: boolean;
  readonly mode: string | undefined;
  readonly owner: string | undefined;
}

/** A block that must not be there; with `restore` only if it is ours, and what the markers held before comes back. */
export interface NoBlockStep {
  readonly path: string;
  readonly marker: string;
  readonly restore: boolean;
}

/** Shell functions of blocks. `hg_block_find BEGIN END` splits `x` into `hg_front`, `hg_body` and `hg_back`; `hg_front` has a newline too much at its start. */
export const blockPrelude = `${textFilesPrelude}${posix`
hg_block_find() {
  hg_has=0 hg_bare=0 hg_body=
  case $x in '' | *"$hg_nl") hg_front=$hg_nl$x ;; *) hg_bare=1 hg_front=$hg_nl$x$hg_nl ;; esac
  hg_back=
  hg_cut "$hg_front" "$hg_nl$1$hg_nl" || return 0
  hg_a=$hg_head$hg_nl
  if ! hg_cut "$hg_nl$hg_rest" "$hg_nl$2$hg_nl"; then
    hg_fail "$p holds the line '$1' but not '$2' after it: mend the file by hand"
    return 0
  fi
  hg_front=$hg_a hg_body=\${hg_head#"$hg_nl"} hg_back=$hg_rest hg_has=1
}

hg_block_check() {
  hg_text_look "$1" "$2"
  if [ "$t" = none ]; then hg_want create absent; return; fi
  hg_want change "$hg_seen"
  [ -n "$hg_error" ] || hg_block_find "$3" "$4"
  if [ -n "$hg_error" ]; then hg_refuse "$hg_error" "$hg_seen"; return 0; fi
  if [ "$hg_has" = 1 ] && [ "$hg_body" = "$5" ] && [ "\${6:-$m}" = "$m" ] && ! hg_owner_differs "$7" "$8"; then hg_none "$hg_seen"; return; fi
  hg_attributes "$6" "$7" "$8"
}

hg_block_spot() {
  [ -n "$1$2" ] || return 0
  hg_front=\${hg_front#"$hg_nl"}
  hg_o=$(printf %s "$hg_front" | grep -nE -e "$1$2")
  [ $? -le 1 ] || { hg_fail "this is no regular expression: $1$2"; return 1; }
  if [ -z "$hg_o" ]; then hg_front=$hg_nl$hg_front; return 0; fi
  if [ -n "$1" ]; then hg_number=$(printf '%s\n' "$hg_o" | tail -n 1); else hg_number=\${hg_o%%"$hg_nl"*}; fi
  hg_number=\${hg_number%%:*}
  [ -n "$1" ] || hg_number=$((hg_number - 1))
  hg_back=$(printf %s "$hg_front" | tail -n +$((hg_number + 1)); printf x)
  hg_back=\${hg_back%x}
  hg_a=$(printf %s "$hg_front" 2>/dev/null | head -c $((\${#hg_front} - \${#hg_back})); printf x)
  hg_front=$hg_nl\${hg_a%x}
}

hg_block_text() {
  hg_block_find "$1" "$2"
  if [ -n "$hg_error" ]; then return 1; fi
  [ "$hg_has" = 1 ] || hg_block_spot "$4" "$5" || return 1
  hg_text=$hg_front$1$hg_nl$3$hg_nl$2$hg_nl$hg_back
  hg_text=\${hg_text#"$hg_nl"}
  if [ "$hg_bare" = 1 ] && { [ "$hg_has" = 1 ] || [ -n "$hg_back" ]; }; then hg_text=\${hg_text%"$hg_nl"}; fi
}

hg_block_show() {
  hg_text_look "$1" "$2"
  if [ -n "$hg_error" ]; then return 0; fi
  shift 2
  [ "$t" = file ] || x=
  hg_block_text "$@" || return 0
  hg_show_text "$hg_text"
}

hg_block_remember() {
  [ "$hg_memory" = 1 ] && [ ! -e "$1" ] || return 0
  hg_directory_of "$HG_STATE/originals" || return 1
  hg_a=added
  if [ "$t" = none ]; then hg_a=created
  elif [ "$hg_has" = 1 ]; then hg_a=replaced
  elif [ "$hg_bare" = 1 ] && [ -z "$hg_back" ]; then hg_a=bare
  fi
  printf '%s\n%s' "$hg_a" "$hg_body" >"$1" || hg_fail "what was there before could not be kept"
}

hg_block_apply() {
  hg_text_look "$1" "$2"
  if [ -n "$hg_error" ]; then return 1; fi
  hg_m=$3 hg_user=$4 hg_group=$5 hg_standard=$6 hg_kept=$7
  if [ "$t" = none ] && [ "$8" != 1 ]; then hg_fail "$p does not exist: make it with a file step, or set create: true"; return 1; fi
  shift 8
  [ "$t" = file ] || x=
  hg_block_text "$@" && hg_block_remember "$hg_kept" || return 1
  if [ "$t" = file ] && [ "$hg_text" = "$x" ]; then hg_set_attributes "$hg_m" "$hg_user" "$hg_group"; return; fi
  [ "$t" = none ] || hg_m=\${hg_m:-$m}
  hg_write_text "$hg_text" "\${hg_m:-$hg_standard}" "$hg_user" "$hg_group"
}

hg_noblock_check() {
  hg_text_look "$1" "$2"
  hg_v=
  if [ "$3" = 1 ]; then
    hg_error=
    if [ ! -r "$6" ]; then hg_none "not ours"; return; fi
    IFS= read -r hg_v <"$6" || :
  fi
  if [ "$t" = none ]; then hg_none absent; else hg_none "$hg_seen"; fi
  if [ -n "$hg_error" ]; then hg_want change "$hg_seen"; return; fi
  hg_has=0
  if [ "$t" = file ]; then hg_block_find "$4" "$5"; fi
  hg_kept=
  if [ "$hg_v" = replaced ]; then
    hg_kept=$(tail -n +2 "$6"; printf x)
    hg_kept=\${hg_kept%x}
  fi
  if [ -n "$hg_error" ]; then hg_want change "$hg_seen"
  elif [ "$hg_has" = 0 ] || { [ "$hg_v" = replaced ] && [ "$hg_body" = "$hg_kept" ]; }; then
    if [ "$3" = 1 ] && [ "$hg_mode" = remove ]; then rm -f -- "$6"; fi
  elif [ "$hg_v" = replaced ]; then hg_want change "$hg_seen"
  else hg_want destroy "$hg_seen"
  fi
}

hg_noblock_text() {
  if [ "$hg_v" = replaced ]; then
    hg_text=$hg_front$1$hg_nl$hg_kept$hg_nl$2$hg_nl$hg_back
    [ "$hg_bare" = 0 ] || hg_text=\${hg_text%"$hg_nl"}
  else
    hg_text=$hg_front$hg_back
    if [ -z "$hg_back" ]; then hg_a=$hg_v; else hg_a=$hg_bare; fi
    case $hg_a in bare | 1) hg_text=\${hg_text%"$hg_nl"} ;; esac
  fi
  hg_text=\${hg_text#"$hg_nl"}
}

hg_noblock_apply() {
  hg_noblock_check "$@"
  if [ -n "$hg_error" ]; then return 1; fi
  hg_noblock_text "$4" "$5"
  if [ "$hg_v" = created ] && [ -z "$hg_text" ]; then hg_try rm -f -- "$p" || return 1
  else hg_write_text "$hg_text" "$m" '' '' || return 1
  fi
  [ "$3" != 1 ] || hg_try rm -f -- "$6"
}

hg_noblock_show() {
  hg_noblock_check "$@"
  if [ -n "$hg_error" ]; then return 0; fi
  hg_noblock_text "$4" "$5"
  hg_show_text "$hg_text"
}
`}`;

/** The two marker lines. */
export function markerLines(marker: string): { readonly begin: string; readonly end: string } {
  return { begin: marker.replaceAll("{mark}", "BEGIN"), end: marker.replaceAll("{mark}", "END") };
}

/** Compiles a block that must be there. */
export function compileBlock(step: BlockStep, input: StepInput, context: StepContext): StepShell {
  const k = context.path(step.path, { shown: !input.secret, content: true });
  const { begin, end } = markerLines(step.marker);
  const { user, group } = splitOwner(step.owner);
  const secret = input.secret ? 1 : 0;
  const wanted = sh`${begin} ${end} ${step.block}`;
  const spot = sh`${step.after ?? ""} ${step.before ?? ""}`;
  const memory = context.memory("originals", `block:${step.path}:${begin}`);
  return {
    check: sh`hg_block_check ${k} ${secret} ${wanted} ${step.mode ?? ""} ${user} ${group}`,
    apply: sh`hg_block_apply ${k} ${secret} ${step.mode ?? ""} ${user} ${group} ${input.secret ? "600" : "644"} ${memory} ${step.create ? 1 : 0} ${wanted} ${spot}`,
    ...(input.secret ? {} : { show: sh`hg_block_show ${k} ${secret} ${wanted} ${spot}` }),
    converges: true,
    touches: "paths",
  };
}

/** Compiles a block that must be absent. */
export function compileNoBlock(step: NoBlockStep, input: StepInput, context: StepContext): StepShell {
  const k = context.path(step.path, { shown: !input.secret, content: true });
  const { begin, end } = markerLines(step.marker);
  const memory = context.memory("originals", `block:${step.path}:${begin}`);
  const words = sh`${k} ${input.secret ? 1 : 0} ${step.restore ? 1 : 0} ${begin} ${end} ${memory}`;
  return {
    check: sh`hg_noblock_check ${words}`,
    apply: sh`hg_noblock_apply ${words}`,
    ...(input.secret ? {} : { show: sh`hg_noblock_show ${words}` }),
    converges: true,
  };
}

import { splitOwner } from "./args.ts";
import type { StepContext } from "./context.ts";
import { hexDigest } from "./context.ts";
import type { StepInput, StepShell } from "./kind.ts";
import { posix, sh } from "./quote.ts";

/** A file with content of ours. */
export interface ContentStep {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: string | undefined;
  readonly owner: string | undefined;
}

/** A file that must not be there. */
export interface AbsentStep {
  readonly path: string;
  /** Bring back what was there before our first change; leave files alone that are not ours. */
  readonly restore: boolean;
}

/**
 * Shell functions of `file` and `template`. `hg_file_check PATH DIGEST MODE USER GROUP SECRET`. A missing mode means: what is there, else the default.
 */
export const contentPrelude = posix`
hg_file_seen() {
  hg_look "$1"
  case $t:$2 in
    file:) ;;
    file:1) if [ "$d" = "$3" ]; then hg_seen="$hg_seen content as wanted"; else hg_seen="$hg_seen other content"; fi ;;
    file:*) hg_seen="$hg_seen sha256:$d" ;;
  esac
}

hg_file_check() {
  hg_file_seen "$1" "$6" "$2"
  if [ "$t" = none ]; then hg_want create absent; return; fi
  if [ "$t" = file ] && [ "$d" = "$2" ] && [ "\${3:-$m}" = "$m" ] && ! hg_owner_differs "$4" "$5"; then hg_none "$hg_seen"; return; fi
  hg_want change "$hg_seen"
  if [ "$t" = file ]; then hg_attributes "$3" "$4" "$5"; else hg_other_type; fi
}

hg_other_type() {
  hg_diff type "$hg_seen" file
  [ "$t" != dir ] || hg_refuse "$p is a directory: it is not replaced by a file" "$hg_seen"
}

hg_no_directory() {
  [ "$t" != dir ] || hg_fail "$p is a directory: it is not replaced by a file"
}

hg_file_apply() {
  hg_look "$1"
  hg_no_directory && hg_remember "$8" || return 1
  if [ "$t" = file ] && [ "$d" = "$4" ]; then hg_set_attributes "$5" "$6" "$7"; return; fi
  hg_m=$5
  if [ -z "$hg_m" ] && [ "$t" = file ]; then hg_m=$m; fi
  hg_write_content "$2" "$3" "$4" "\${hg_m:-$9}" "$6" "$7"
}

hg_exists_check() {
  hg_look "$1"
  if [ "$t" = none ]; then hg_want create absent; return; fi
  if [ "$t" = file ] && [ "\${2:-$m}" = "$m" ] && ! hg_owner_differs "$3" "$4"; then hg_none "$hg_seen"; return; fi
  hg_want change "$hg_seen"
  if [ "$t" = file ]; then hg_attributes "$2" "$3" "$4"; else hg_other_type; fi
}

hg_exists_apply() {
  hg_look "$1"
  hg_no_directory && hg_remember "$5" || return 1
  if [ "$t" = file ]; then hg_set_attributes "$2" "$3" "$4"; return; fi
  hg_write_text '' "\${2:-644}" "$3" "$4"
}

hg_absent_check() {
  hg_look "$1"
  if [ "$t" = file ] && [ -n "$d" ]; then hg_seen="$hg_seen sha256:$d"; fi
  if [ "$2" = 1 ]; then
    if [ -e "$3" ] || [ -L "$3" ]; then hg_want change "$hg_seen"; hg_diff content ours "what was there before"; return; fi
    if [ ! -e "$3.none" ]; then hg_none "not ours"; return; fi
    if [ "$t" = none ] && [ "$hg_mode" = remove ]; then rm -f -- "$3.none"; fi
  fi
  if [ "$t" = none ]; then hg_none absent; else hg_want destroy "$hg_seen"; fi
}

hg_absent_apply() {
  hg_look "$1"
  if [ "$2" = 1 ] && { [ -e "$3" ] || [ -L "$3" ]; }; then
    hg_parent "$p" || return 1
    hg_temporary "$hg_dir" "$hg_index"
    hg_try cp -a -- "$3" "$hg_temp" && hg_try mv -f -- "$hg_temp" "$p" && hg_try rm -f -- "$3"
    return
  fi
  if [ "$t" = dir ]; then hg_fail "$p is a directory: it is not removed by a file step"; return 1; fi
  [ "$2" = 1 ] || hg_remember "$3" || return 1
  if [ "$t" != none ]; then hg_try rm -f -- "$p" || return 1; fi
  [ "$2" != 1 ] || hg_try rm -f -- "$3.none"
}
`;

/** Compiles a file with content. */
export function compileContent(step: ContentStep, input: StepInput, context: StepContext): StepShell {
  const content = input.secret ? context.contentToApply(step.bytes) : context.content(step.bytes);
  const k = context.path(step.path, { digest: true, like: content.sh.startsWith("-") ? [] : [content.sh] });
  const { user, group } = splitOwner(step.owner);
  const standard = input.secret ? "600" : "644";
  const memory = context.memory("originals", `file:${step.path}`);
  return {
    check: sh`hg_file_check ${k} ${hexDigest(step.bytes)} ${step.mode ?? ""} ${user} ${group} ${input.secret ? 1 : 0}`,
    apply: sh`hg_file_apply ${k} ${content} ${step.mode ?? ""} ${user} ${group} ${memory} ${standard}`,
    ...(input.secret ? {} : { show: sh`hg_ref ${k}; hg_show_content ${content}` }),
    converges: true,
    own: true,
  };
}

/** Compiles a file that must exist, whatever it holds. */
export function compileExisting(step: Omit<ContentStep, "bytes">, context: StepContext): StepShell {
  const k = context.path(step.path);
  const { user, group } = splitOwner(step.owner);
  const args = sh`${k} ${step.mode ?? ""} ${user} ${group}`;
  return {
    check: sh`hg_exists_check ${args}`,
    apply: sh`hg_exists_apply ${args} ${context.memory("originals", `file:${step.path}`)}`,
    converges: true,
    own: true,
  };
}

/** Compiles a file that must be absent. */
export function compileAbsent(step: AbsentStep, input: StepInput, context: StepContext): StepShell {
  const k = context.path(step.path, { digest: !input.secret });
  const args = sh`${k} ${step.restore ? 1 : 0} ${context.memory("originals", `file:${step.path}`)}`;
  return {
    check: sh`hg_absent_check ${args}`,
    apply: sh`hg_absent_apply ${args}`,
    ...(input.secret ? {} : { show: sh`hg_ref ${k}; hg_show_nothing_left` }),
    converges: true,
  };
}

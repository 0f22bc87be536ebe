import { z } from "zod";
import { absolutePath, fileMode, flag, oneLine } from "../args.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { isPlainPattern } from "../plain-pattern.ts";
import { posix, sh } from "../quote.ts";

const schema = z.strictObject({
  path: absolutePath.describe("A text file."),
  line: oneLine.describe("The whole line."),
  match: oneLine
    .min(1)
    .optional()
    .describe("Extended regular expression: the last line that it matches is replaced; without a match the line is appended."),
  state: z.enum(["present", "absent"]).default("present").describe("absent: every such line is removed."),
  create: flag.default(false).describe("Make the file when it is missing."),
  mode: fileMode.optional().describe("Of a file that is made. Default 0644, with a secret 0600."),
  restore: flag.default(false).describe("With state absent: bring back the line that this one replaced; a line that is not ours stays."),
});

const prelude = posix`
hg_line_look() {
  hg_look "$1"
  if [ "$t" = file ]; then
    if [ "$2" = 1 ]; then hg_seen="file 0$m $u:$g"; else hg_seen="file 0$m $u:$g\${d:+ sha256:$d}"; fi
  fi
  case $t in
    binary) hg_error="$p holds NUL bytes: it is no text file" ;;
    link) hg_error="$p is a symlink: name the file that it points to" ;;
    dir | other) hg_error="$p is no file ($hg_seen)" ;;
  esac
  case $x in '' | *"$hg_nl") ;; *) x=$x$hg_nl ;; esac
  hg_number=
}

hg_line_has() {
  case "$hg_nl$x" in *"$hg_nl$1$hg_nl"*) return 0 ;; *) return 1 ;; esac
}

hg_line_check() {
  hg_line_look "$1" "$2" "$3"
  if [ "$t" = none ]; then
    if [ "$4" = absent ]; then hg_none absent; else hg_want create absent; fi
    return
  fi
  if [ -n "$hg_error" ]; then hg_refuse "$hg_error" "$hg_seen"; return; fi
  if [ -n "$5" ]; then
    hg_line_matched "$3" "$5" "$6"
    return
  fi
  if [ "$4" = absent ]; then
    if hg_line_has "$3"; then hg_want destroy "$hg_seen"; else hg_none "$hg_seen"; fi
  else
    if hg_line_has "$3"; then hg_none "$hg_seen"; else hg_want change "$hg_seen"; fi
  fi
}

hg_line_matched() {
  hg_want change "$hg_seen"
  hg_after=$hg_matches
  case $p in *"$hg_nl"*) hg_after=unknown ;; esac
  if [ "$hg_after" = unknown ]; then
    hg_line_search "$1" "$2"
    return
  fi
  hg_after= hg_has_line=0
  IFS=$hg_nl
  for hg_line in $hg_matches; do
    case $hg_line in "$p:"*) hg_line=\${hg_line#"$p:"} hg_line=\${hg_line#*:} ;; *) continue ;; esac
    if [ "$hg_line" = "$1" ]; then hg_has_line=1 hg_after=; continue; fi
    case $hg_line in "$3"*) hg_after="$hg_after$hg_line$hg_nl" ;; esac
  done
  IFS=$hg_space
  [ "$hg_has_line" = 1 ] || return 0
  if [ -n "$hg_after" ] && printf %s "$hg_after" | grep -qE -e "$2"; then return 0; fi
  hg_none "$hg_seen"
}

hg_line_search() {
  if [ "$hg_init" != fixture ]; then x=$(cat -- "$p" 2>/dev/null)$hg_nl; fi
  hg_o=$(printf %s "$x" | grep -nE -e "$2" 2>/dev/null)
  [ $? -le 1 ] || { hg_error="match is no regular expression: $2"; return 0; }
  hg_line=\${hg_o##*"$hg_nl"}
  if [ "\${hg_line#*:}" = "$1" ] || { [ -z "$hg_o" ] && hg_line_has "$1"; }; then hg_none "$hg_seen"; fi
}

hg_line_load() {
  hg_line_look "$1" "$2" "$3"
  if [ -n "$hg_error" ] || [ "$t" != file ]; then return 0; fi
  case $hg_fetched in *" $1 "*) ;; *) hg_read "$1" ;; esac
  hg_line_look "$1" "$2" "$3"
  if [ -n "$hg_error" ] || [ -z "$5" ]; then return 0; fi
  # What was gathered names the file of each line that matches.
  case $hg_matches in unknown | *"$hg_nl$p:"*) ;; *) case $p in *"$hg_nl"*) ;; *) return 0 ;; esac ;; esac
  if [ "$6" = 1 ] && hg_learn last "$p" "$5"; then return 0; fi
  if [ -n "$7" ] && [ "$hg_matches" != unknown ]; then case $p in *"$hg_nl"*) ;; *) hg_line_last "$7"; return ;; esac; fi
  hg_o=$(printf %s "$x" | grep -nE -e "$5" 2>/dev/null)
  [ $? -le 1 ] || { hg_error="match is no regular expression: $5"; return 0; }
  hg_line=\${hg_o##*"$hg_nl"}
  hg_number=\${hg_line%%:*}
  hg_line=\${hg_line#*:}
}

# Of what was gathered, the last line that starts with this.
hg_line_last() {
  IFS=$hg_nl
  for hg_o in $hg_matches; do
    case $hg_o in "$p:"*) ;; *) continue ;; esac
    hg_o=\${hg_o#"$p:"}
    case \${hg_o#*:} in "$1"*) hg_number=\${hg_o%%:*} hg_line=\${hg_o#*:} ;; esac
  done
  IFS=$hg_space
}

hg_line_print() {
  case $1 in
    absent)
      printf '%s\n' "$2" >"$HG_VOLATILE/line"
      printf %s "$x" | grep -vxF -f "$HG_VOLATILE/line" || [ $? = 1 ]
      ;;
    *)
      if [ -n "$hg_number" ]; then
        [ "$hg_number" -le 1 ] || head -n $((hg_number - 1)) -- "$p"
        printf '%s\n' "$2"
        hg_line_rest $((hg_number + 1))
      else
        printf '%s%s\n' "$x" "$2"
      fi
      ;;
  esac
}

# Behind the last line stands a line break, in the file or not.
hg_line_rest() {
  if [ \${#x} -gt "$s" ]; then printf %s "$x" | tail -n "+$1"; else tail -n "+$1" -- "$p"; fi
}

hg_line_show() {
  hg_line_load "$@"
  if [ -n "$hg_error" ]; then return 0; fi
  if [ "\${#x}" -lt 65000 ] && [ "\${#3}" -lt 500 ] && [ "$4" = present ]; then
    hg_o=$x
    if [ "\${#x}" -gt "$s" ]; then hg_o=\${x%"$hg_nl"}; fi
    hg_frame "old $hg_index" "$hg_o"
    hg_frame "line $hg_index \${hg_number:-0}" "$3"
    return
  fi
  hg_show_old
  hg_volatile
  hg_line_print "$4" "$3" | head -c 65536 >"$HG_VOLATILE/show"
  hg_frame_file "new $hg_index" "$HG_VOLATILE/show"
}

hg_line_remember() {
  [ "$hg_memory" = 1 ] || return 0
  hg_a=
  if [ -e "$1" ]; then
    [ "$2" = 1 ] || return 0
    IFS= read -r hg_a <"$1" || :
  fi
  hg_directory_of "$HG_STATE/originals" || return 1
  if [ -n "$hg_a" ]; then :
  elif [ "$t" = none ]; then hg_a=created
  elif [ "$hg_number" != '' ]; then hg_a="replaced $hg_line"
  else hg_a=added
  fi
  if [ "$2" = 1 ]; then hg_a=$hg_a$hg_nl$3; fi
  printf '%s\n' "$hg_a" >"$1" || hg_fail "the former line could not be kept"
}

hg_text_replace() {
  hg_parent "$p" || return 1
  hg_temporary "$hg_dir" "$hg_index"
  hg_m=$1
  shift
  hg_umask_for "$hg_m"
  hg_e=$({ set -C; { set +C; "$@"; } >"$hg_temp"; } 2>&1) || { umask 077; rm -f -- "$hg_temp"; hg_words "$hg_e"; hg_fail "$p could not be written: $hg_w"; return 1; }
  umask 077
  hg_wants_chown '' ''
  hg_place "$hg_temp" "$p" "$hg_m" "$hg_cu" "$hg_cg"
}

# A helper that reads the pattern as grep does writes the new text in one go. 2: it did not.
hg_line_helped() {
  [ -n "$hg_helper" ] && [ "$2$4:$9" = 0present:1 ] || return 2
  hg_line_look "$1" "$2" "$3"
  [ "$t:$hg_error" = file: ] && hg_parent "$p" || return 2
  hg_temporary "$hg_dir" "$hg_index"
  hg_learn relined "$p" "$hg_temp" "$5" "$3" || return 2
  hg_line_remember "$8" "$2" "$3" || { rm -f -- "$hg_temp"; return 1; }
  hg_made_with=
  hg_wants_chown '' ''
  hg_place "$hg_temp" "$p" "$m" "$hg_cu" "$hg_cg"
}

hg_line_apply() {
  hg_line_helped "$@"
  hg_v=$?
  [ "$hg_v" = 2 ] || return "$hg_v"
  hg_line_load "$1" "$2" "$3" "$4" "$5" "$9"
  if [ -n "$hg_error" ]; then return 1; fi
  if [ "$t" = none ] && [ "$6" != 1 ]; then hg_fail "$p does not exist: make it with a file step, or set create: true"; return 1; fi
  hg_line_remember "$8" "$2" "$3" || return 1
  [ "$t" = none ] || hg_mode_new=$m
  [ "$t" != none ] || hg_mode_new=$7
  if [ "$4" = present ] && [ -z "$hg_number" ]; then
    hg_write_text "$x$3$hg_nl" "$hg_mode_new" '' ''
    return
  fi
  hg_text_replace "$hg_mode_new" hg_line_print "$4" "$3"
}

hg_line_back_check() {
  hg_line_look "$1" "$2" "$3"
  hg_error= hg_v=
  if [ ! -r "$4" ]; then hg_none "not ours"; return; fi
  hg_ours=$3
  if [ "$2" = 1 ]; then { IFS= read -r hg_v && IFS= read -r hg_ours; } <"$4" || :; else IFS= read -r hg_v <"$4" || :; fi
  if ! hg_line_has "$hg_ours" && { [ "$hg_v" != created ] || [ "$t" = none ]; }; then
    [ "$hg_mode" != remove ] || rm -f -- "$4"
    hg_none "$hg_seen"
    return
  fi
  case $hg_v in
    replaced*) hg_want change "$hg_seen" ;;
    *) hg_want destroy "$hg_seen" ;;
  esac
}

hg_line_back_apply() {
  hg_line_back_check "$1" "$2" "$3" "$4"
  printf '%s\n' "$hg_ours" >"$HG_VOLATILE/line"
  hg_number=$(printf %s "$x" | grep -nxF -f "$HG_VOLATILE/line")
  hg_number=\${hg_number%%:*}
  case $hg_v in
    replaced*) hg_text_replace "$m" hg_line_print present "\${hg_v#replaced }" || return 1 ;;
    *)
      if [ "$hg_v" = created ] && { [ "$x" = "$hg_ours$hg_nl" ] || [ -z "$x" ]; }; then
        hg_try rm -f -- "$p" || return 1
      else
        hg_text_replace "$m" hg_line_print absent "$hg_ours" || return 1
      fi
      ;;
  esac
  hg_try rm -f -- "$4"
}
`;

/** One line of a text file. */
export const lineKind: StepKind<typeof schema> = {
  kind: "line",
  summary: "One line of a text file: present, replaced or absent.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => `${args.path}:${hexDigest(args.match ?? args.line).slice(0, 8)}`,
  label: (args) => `line in ${args.path}${args.state === "absent" ? (args.restore ? " as before" : " absent") : ""}`,
  readOnly: false,
  undo: {
    class: "restore",
    means: "A replaced line comes back, an added one goes; a file made for it is removed when nothing else is in it.",
  },
  inverse: (args) =>
    args.state === "absent"
      ? undefined
      : { kind: "line", args: { path: args.path, line: args.line, match: args.match ?? "^$", state: "absent", restore: true } },
  sources: [],
  secretArgs: ["line"],
  examples: [
    { title: "Present", yaml: 'line: { path: /etc/hosts, line: "10.0.0.5 db" }' },
    { title: "Replaced", yaml: 'line: { path: /etc/ssh/sshd_config, line: PermitRootLogin no, match: "^#?PermitRootLogin" }' },
  ],
  prelude,
  compile(args, step, context) {
    const matching = args.match === undefined || args.restore ? undefined : [args.match, `^${escapePattern(args.line)}$`];
    const k = context.path(args.path, { shown: !step.secret, ...(matching === undefined ? { content: true } : { matching }) });
    const secret = step.secret ? 1 : 0;
    // A secret line is not known where the step is taken back: its memory goes by the step, and holds the line itself.
    const pattern = args.restore && args.match === "^$" ? "" : (args.match ?? "");
    const memory = context.memory(
      "originals",
      `line:${args.path}:${step.secret ? `${context.role}:${step.id}` : `${pattern}:${args.line}`}`,
    );
    if (args.restore) {
      const words = sh`${k} ${secret} ${args.line} ${memory}`;
      return { check: sh`hg_line_back_check ${words}`, apply: sh`hg_line_back_apply ${words}`, converges: true };
    }
    const words = sh`${k} ${secret} ${args.line} ${args.state} ${args.match ?? ""}`;
    const plain = args.match === undefined || isPlainPattern(args.match);
    return {
      check: sh`hg_line_check ${words} ${literalStart(args.match ?? "")}`,
      apply: sh`hg_line_apply ${words} ${args.create ? 1 : 0} ${args.mode ?? (step.secret ? "600" : "644")} ${memory} ${plain ? 1 : 0}`,
      ...(step.secret ? {} : { show: sh`hg_line_show ${words} ${plain ? 1 : 0} ${wholeStart(args.match ?? "")}` }),
      converges: true,
      own: true,
    };
  },
};

/** An extended regular expression that matches exactly this text. */
function escapePattern(line: string): string {
  return line.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
}

/** The text that lines must start with, where this pattern asks for no more than that. */
function wholeStart(match: string): string {
  const start = literalStart(match);
  return start !== "" && match === `^${escapePattern(start)}` ? start : "";
}

/** What every line that this extended regular expression matches must start with, as far as that is plain to see. */
function literalStart(match: string): string {
  if (!match.startsWith("^") || match.includes("|")) return "";
  const [, start = "", next = ""] = /^\^((?:[\w \-=/:,#@%&~"'<>!;]|\\[.#/[\]])*)(.?)/u.exec(match) ?? [];
  const kept = /[*?+{]/u.test(next) ? start.replace(/\\?.$/u, "") : start;
  return kept.replaceAll("\\", "");
}

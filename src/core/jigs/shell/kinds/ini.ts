import { z } from "zod";
import { absolutePath, fileMode, flag, oneLine, owner, splitOwner } from "../args.ts";
import { hexDigest } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const scalar = z.union([oneLine, z.number().transform(String), z.boolean().transform(String)]);
const settingName = oneLine.refine((name) => name.trim() === name && name !== "" && !/[=[\]\t]/u.test(name), "must be section.key or key");

const schema = z
  .strictObject({
    path: absolutePath.describe("An INI-like file."),
    set: z
      .record(settingName, scalar)
      .default({})
      .describe("Values by `section.key`; the first dot ends the section. A key without a dot stands before all sections."),
    unset: z.array(settingName).default([]).describe("Keys that must not be there."),
    section: oneLine.optional().describe("Section of all keys, which may then hold dots themselves; empty = before all sections."),
    separator: z.enum([" = ", "=", ": ", " "]).default(" = ").describe("Between key and value in lines that are written."),
    create: flag.default(true).describe("Make the file when it is missing."),
    mode: fileMode.optional().describe("Octal digits in quotes. Default: what is there; a new file gets 0644, one with a secret 0600."),
    owner: owner.optional().describe("user:group, user or :group. Default: what is there."),
    restore: flag.default(false).describe("Bring back the values that were there before Halligan first changed them."),
  })
  .refine((args) => Object.keys(args.set).length + args.unset.length > 0, "set or unset at least one key");

const prelude = posix`
hg_ini_trim() {
  hg_v=$1
  while :; do
    case $hg_v in
      [\ $hg_tab]*) hg_v=\${hg_v#?} ;;
      *[\ $hg_tab]) hg_v=\${hg_v%?} ;;
      *) return 0 ;;
    esac
  done
}

hg_ini_load() {
  hg_values_now=$hg_nl
  hg_part=
  IFS=$hg_nl
  for hg_line in $x; do
    IFS=$hg_space
    hg_ini_trim "$hg_line"
    case $hg_v in
      '#'* | ';'*) continue ;;
      '['*']') hg_part=\${hg_v#?} hg_part=\${hg_part%?}; continue ;;
    esac
    case $hg_v in
      *[=:]*) hg_a=\${hg_v%%[=:]*} hg_b=\${hg_v#*[=:]} ;;
      *' '*) hg_a=\${hg_v%%' '*} hg_b=\${hg_v#*' '} ;;
      *) continue ;;
    esac
    hg_ini_trim "$hg_a"
    hg_a=$hg_v
    # No name of a setting has a tab in it: it would be taken for one with a value.
    case $hg_a in *"$hg_tab"*) continue ;; esac
    hg_ini_trim "$hg_b"
    case $hg_values_now in *"$hg_nl$hg_part$hg_tab$hg_a$hg_tab"*) continue ;; esac
    hg_values_now="$hg_values_now$hg_part$hg_tab$hg_a$hg_tab$hg_v$hg_nl"
  done
  IFS=$hg_space
}

hg_ini_get() {
  hg_v=
  case $hg_values_now in
    *"$hg_nl$1$hg_tab$2$hg_tab"*)
      hg_v=\${hg_values_now#*"$hg_nl$1$hg_tab$2$hg_tab"}
      hg_v=\${hg_v%%"$hg_nl"*}
      ;;
    *) return 1 ;;
  esac
}

hg_ini_begin() {
  hg_look "$1"
  hg_seen_secret=$2
  if [ "$t" = file ] && [ "$2" != 1 ]; then hg_seen="$hg_seen\${d:+ sha256:$d}"; fi
  case $t in
    binary) hg_error="$p holds NUL bytes: it is no text file" ;;
    link) hg_error="$p is a symlink: name the file that it points to" ;;
    dir | other) hg_error="$p is no file ($hg_seen)" ;;
  esac
  hg_ini_load
  hg_wrong= hg_edits=
}

hg_ini_key() {
  if hg_ini_get "$2" "$3"; then hg_a=$hg_v hg_b=1; else hg_a= hg_b=0; fi
  if [ "$1" = set ] && [ "$hg_b" = 1 ] && [ "$hg_a" = "$4" ]; then return 0; fi
  if [ "$1" = unset ] && [ "$hg_b" = 0 ]; then return 0; fi
  hg_wrong=1
  hg_edits="$hg_edits$1$hg_tab$2$hg_tab$3$hg_tab$4$hg_nl"
  hg_c="\${2:+$2.}$3"
  if [ "$hg_seen_secret" = 1 ]; then return 0; fi
  if [ "$1" = unset ]; then hg_diff "$hg_c" "$hg_a" "(unset)"
  elif [ "$hg_b" = 0 ]; then hg_diff "$hg_c" "(unset)" "$4"
  else hg_diff "$hg_c" "$hg_a" "$4"
  fi
}

hg_ini_end() {
  if [ -n "$hg_error" ]; then hg_refuse "$hg_error" "$hg_seen"; return; fi
  if [ "$t" = none ]; then
    if [ -n "$hg_wrong" ]; then hg_want create absent; else hg_none absent; fi
    return
  fi
  if [ -z "$hg_wrong" ] && [ "\${1:-$m}" = "$m" ] && ! hg_owner_differs "$2" "$3"; then hg_none "$hg_seen"; return; fi
  hg_want change "$hg_seen"
  hg_attributes "$1" "$2" "$3"
}

hg_ini_helped() {
  [ -n "$hg_helper" ] && printf %s "$hg_edits" >"$HG_VOLATILE/edits" && hg_ask edited -- "$HG_VOLATILE/edits" "$p" "$t" "$hg_temp" "$1"
}

hg_ini_print() {
  printf %s "$hg_edits" >"$HG_VOLATILE/edits"
  printf %s "$x" >"$HG_VOLATILE/ini"
  HG_SEPARATOR=$1 awk '
    function trim(s) { sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s); return s }
    function flush(part,   i) {
      for (i = 1; i <= n; i++) if (!done[i] && verb[i] == "set" && where[i] == part) { print key[i] sep value[i]; done[i] = 1 }
    }
    function emit(   i, last) {
      last = held
      while (last > 0 && trim(hold[last]) == "") last--
      for (i = 1; i <= last; i++) print hold[i]
      flush(part)
      for (i = last + 1; i <= held; i++) print hold[i]
      held = 0
    }
    BEGIN { sep = ENVIRON["HG_SEPARATOR"]; part = ""; exists[""] = 1 }
    FILENAME == edits && FNR == NR {
      n++; s = $0
      i = index(s, "\t"); verb[n] = substr(s, 1, i - 1); s = substr(s, i + 1)
      i = index(s, "\t"); where[n] = substr(s, 1, i - 1); s = substr(s, i + 1)
      i = index(s, "\t"); key[n] = substr(s, 1, i - 1); value[n] = substr(s, i + 1)
      next
    }
    {
      line = trim($0)
      if (line ~ /^\[.*\]$/) { emit(); part = substr(line, 2, length(line) - 2); hold[++held] = $0; next }
      if (line !~ /^[#;]/ && line != "") {
        i = match(line, /[=:]/); if (!i) i = index(line, " ")
        k = i ? trim(substr(line, 1, i - 1)) : ""
        if (k != "") for (j = 1; j <= n; j++) if (where[j] == part && key[j] == k) {
          if (verb[j] == "unset" || done[j]) next
          done[j] = 1; hold[++held] = key[j] sep value[j]; next
        }
      }
      hold[++held] = $0
    }
    END {
      emit()
      for (j = 1; j <= n; j++) if (!done[j] && verb[j] == "set") {
        if (NR > n || printed) print ""
        print "[" where[j] "]"; printed = 1
        flush(where[j])
      }
    }
  ' edits="$HG_VOLATILE/edits" "$HG_VOLATILE/edits" "$HG_VOLATILE/ini"
}

hg_ini_remember() {
  [ "$hg_memory" = 1 ] || return 0
  hg_directory_of "$HG_STATE/originals" || return 1
  [ "$t" != none ] || [ -e "$1" ] || true >"$1.none" || return 1
  IFS=$hg_nl
  for hg_line in $hg_edits; do
    IFS=$hg_space
    hg_a=\${hg_line#*"$hg_tab"}
    hg_part=\${hg_a%%"$hg_tab"*}
    hg_a=\${hg_a#*"$hg_tab"}
    hg_a=\${hg_a%%"$hg_tab"*}
    hg_kept=
    if [ -e "$1" ]; then hg_kept=$hg_nl$(cat -- "$1"); fi
    case $hg_kept in *"$hg_tab$hg_part$hg_tab$hg_a$hg_tab"*) continue ;; esac
    if hg_ini_get "$hg_part" "$hg_a"; then hg_b=set; else hg_b=unset; fi
    printf '%s\t%s\t%s\t%s\n' "$hg_b" "$hg_part" "$hg_a" "$hg_v" >>"$1"
  done
  IFS=$hg_space
}

hg_ini_write() {
  if [ -n "$hg_error" ]; then return 1; fi
  if [ "$t" = none ] && [ "$5" != 1 ]; then hg_fail "$p does not exist and create is false"; return 1; fi
  if [ -z "$hg_edits" ]; then hg_set_attributes "$1" "$2" "$3"; return; fi
  hg_need awk && hg_ini_remember "$6" || return 1
  hg_parent "$p" || return 1
  hg_temporary "$hg_dir" "$hg_index"
  hg_m=$1
  [ "$t" = none ] || hg_m=\${hg_m:-$m}
  hg_m=\${hg_m:-$7}
  hg_made_with=
  if ! hg_ini_helped "$4"; then
    hg_umask_for "$hg_m"
    hg_e=$({ set -C; { set +C; hg_ini_print "$4"; } >"$hg_temp"; } 2>&1) || { umask 077; rm -f -- "$hg_temp"; hg_words "$hg_e"; hg_fail "$p could not be written: $hg_w"; return 1; }
    umask 077
  fi
  hg_wants_chown "$2" "$3"
  hg_place "$hg_temp" "$p" "$hg_m" "$hg_cu" "$hg_cg"
}

hg_ini_back() {
  hg_ini_begin "$1" "$2"
  hg_error=
  if [ ! -e "$3" ]; then hg_wrong=; return; fi
  hg_kept=$(cat -- "$3")
  IFS=$hg_nl
  set -- $hg_kept
  IFS=$hg_space
  for hg_line in "$@"; do
    hg_b=\${hg_line%%"$hg_tab"*}
    hg_line=\${hg_line#*"$hg_tab"}
    hg_part=\${hg_line%%"$hg_tab"*}
    hg_line=\${hg_line#*"$hg_tab"}
    hg_ini_key "$hg_b" "$hg_part" "\${hg_line%%"$hg_tab"*}" "\${hg_line#*"$hg_tab"}"
  done
}

hg_ini_back_check() {
  hg_ini_back "$1" "$2" "$3"
  if [ ! -e "$3" ]; then hg_none "not changed by Halligan"; return; fi
  if [ "$t" = none ] || [ -z "$hg_wrong" ]; then
    [ "$hg_mode" != remove ] || rm -f -- "$3" "$3.none"
    hg_none "$hg_seen"
    return
  fi
  if [ -e "$3.none" ]; then hg_want destroy "$hg_seen"; else hg_want change "$hg_seen"; fi
}

hg_ini_empty() {
  while IFS= read -r hg_line; do
    hg_ini_trim "$hg_line"
    case $hg_v in '' | '['*']') ;; *) return 1 ;; esac
  done <"$1"
}

hg_ini_back_apply() {
  hg_ini_back "$1" "$2" "$3"
  hg_text=$m
  hg_parent "$p" || return 1
  hg_memory=0
  hg_ini_write '' '' '' "$4" 0 - "$m" || return 1
  if [ -e "$3.none" ] && hg_ini_empty "$p"; then hg_try rm -f -- "$p" || return 1; fi
  hg_try rm -f -- "$3" "$3.none"
}
`;

/** Single settings of an INI-like file; comments and order of the rest stay. */
export const iniKind: StepKind<typeof schema> = {
  kind: "ini",
  summary: "Single settings of an INI-like file; comments and everything else stay.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => {
    const keys = [...Object.keys(args.set), ...args.unset]
      .map((key) => (args.section === undefined ? key : `${args.section}.${key}`))
      .toSorted();
    return keys.length === 1 ? `${args.path}:${keys[0]}` : `${args.path}:${hexDigest(JSON.stringify(keys)).slice(0, 8)}`;
  },
  label: (args) => {
    const count = Object.keys(args.set).length + args.unset.length;
    return `ini ${args.path}${args.restore ? " as before" : `, ${count} ${count === 1 ? "setting" : "settings"}`}`;
  },
  readOnly: false,
  undo: { class: "restore", means: "Former values come back, new keys go; a file made for them is removed when no setting is left." },
  inverse: (args) => {
    if (args.restore) return undefined;
    const { path, set, unset, section, separator } = args;
    return { kind: "ini", args: { path, set, unset, separator, restore: true, ...(section === undefined ? {} : { section }) } };
  },
  sources: [],
  secretArgs: ["set"],
  examples: [
    {
      title: "Settings",
      yaml: 'ini: { path: /etc/app.conf, set: { database.connection: "{{ inputs.db }}", debug: false }, mode: "0640" }',
    },
  ],
  prelude,
  compile(args, step, context) {
    const k = context.path(args.path, { shown: !step.secret, content: true });
    const split = (name: string): readonly [string, string] => {
      if (args.section !== undefined) return [args.section, name];
      const dot = name.indexOf(".");
      return dot < 0 ? ["", name] : [name.slice(0, dot), name.slice(dot + 1)];
    };
    const secret = step.secret ? 1 : 0;
    const memory = context.memory(
      "originals",
      `ini:${args.path}:${JSON.stringify([Object.keys(args.set).toSorted(), args.unset.toSorted(), args.section ?? null])}`,
    );
    if (args.restore) {
      const words = sh`${k} ${secret} ${memory} ${args.separator}`;
      return { check: sh`hg_ini_back_check ${words}`, apply: sh`hg_ini_back_apply ${words}`, converges: true };
    }
    const keys = [
      ...Object.entries(args.set).map(([name, value]) => sh`hg_ini_key set ${split(name)} ${value.trim()}`.sh),
      ...args.unset.map((name) => sh`hg_ini_key unset ${split(name)} ''`.sh),
    ];
    const { user, group } = splitOwner(args.owner);
    const check = { sh: [sh`hg_ini_begin ${k} ${secret}`.sh, ...keys, sh`hg_ini_end ${args.mode ?? ""} ${user} ${group}`.sh].join("\n") };
    const standard = step.secret ? "600" : "644";
    return {
      check,
      apply: sh`hg_diffs=
${check}
hg_ini_write ${args.mode ?? ""} ${user} ${group} ${args.separator} ${args.create ? 1 : 0} ${memory} ${standard}`,
      converges: true,
      touches: "paths",
    };
  },
};

import { posix } from "../quote.ts";

/** Stands between texts that come together: the control character of ASCII for that. */
const apart = "\u001F";

/**
 * Reading of the node's state: one process for all paths, one for all digests, one for all packages and so on. Results are in variables:
 * `t_N` type (none file dir link other), `m_N` mode, `u_N` `g_N` names, `s_N` size, `d_N` digest, `x_N` content, `l_N` link target.
 */
export const gatherPrelude = `hg_apart='${apart}'
${posix`
p_nss=/etc/nsswitch.conf p_pw=/etc/passwd p_gr=/etc/group x_nss= x_pw= x_gr=
hg_columns='%f %a %s %u %g:%U:%G'

# With a second argument, targets of symlinks come along. One line for each path: where that is not so, something went away, or a name holds a line break.
hg_stat() {
  hg_list=$1 hg_format=$hg_columns
  if [ -n "$hg_helper" ]; then
    hg_paths=
    for k in $hg_list; do hg_paths="$hg_paths $k \"\$p_$k\""; done
    eval "set -- $hg_paths"
    ! hg_learn known "$@" || return 0
    set -- "$hg_list" 1
  fi
  hg_found= hg_paths=
  [ -z "\${2:-}" ] || hg_format=$hg_format:%N
  for k in $hg_list; do
    eval "p=\$p_$k t_$k=none m_$k= u_$k= g_$k= un_$k= gn_$k= s_$k=0 d_$k= l_$k="
    if [ -e "$p" ] || [ -L "$p" ]; then hg_found="$hg_found $k" hg_paths="$hg_paths \"\$p_$k\""; fi
  done
  [ -n "$hg_found" ] || return 0
  eval "set -- $hg_paths"
  hg_v=$#
  hg_o=$(QUOTING_STYLE=literal stat -c "$hg_format" -- "$@" 2>/dev/null)
  IFS=$hg_nl
  set -- $hg_o
  IFS=$hg_space
  if [ $# != "$hg_v" ]; then
    hg_one_by_one stat -c "$hg_columns"
    IFS=$hg_nl
    set -- $hg_o
    IFS=$hg_space
  fi
  for k in $hg_found; do
    hg_line=$1
    shift
    hg_stat_line "$k" \${hg_line%%:*}
  done
}

# What a tool says of each path that was found, in a line each in hg_o.
hg_one_by_one() {
  hg_o=
  for k in $hg_found; do
    eval "p=\$p_$k"
    hg_line=$("$@" -- "$p" 2>/dev/null) || hg_line=gone
    hg_o=$hg_o$hg_line$hg_nl
  done
}

hg_stat_line() {
  case $2 in
    8???) t=file ;;
    4???) t=dir ;;
    a???) t=link ;;
    gone) return 0 ;;
    *) t=other ;;
  esac
  case $3 in ??) hg_m=0$3 ;; ?) hg_m=00$3 ;; *) hg_m=$3 ;; esac
  hg_line=\${hg_line#*:}
  hg_a=\${hg_line%%:*}
  hg_line=\${hg_line#*:}
  hg_b=\${hg_line%%:*}
  eval "t_$1=\$t m_$1=\$hg_m u_$1=\$hg_a g_$1=\$hg_b s_$1=\$4 un_$1=\$5 gn_$1=\$6"
  [ "$t" = link ] || return 0
  eval "p=\$p_$1"
  case $hg_line in
    "$hg_b:$p -> "*)
      hg_line=\${hg_line#"$hg_b:$p -> "}
      [ "\${#hg_line}" -ne "$4" ] || eval "l_$1=\$hg_line"
      ;;
  esac
}

# With \`OFFSET SIZE DIGEST\` of contents in the script: files that hold just that need no tool to say so.
hg_alike() {
  [ -z "$hg_helper" ] || hg_learn alike "$0" "$hg_base" "$@" || :
}

hg_hash() {
  hg_found= hg_paths=
  for k in $1; do
    eval "p=\$p_$k t=\$t_$k hg_v=\$d_$k"
    [ "$t:$hg_v" = file: ] || continue
    eval "d_$k=unreadable"
    [ -r "$p" ] || continue
    case $p in
      *"$hg_nl"*)
        hg_line=$(sha256sum <"$p")
        hg_line=\${hg_line%% *}
        eval "d_$k=\$hg_line"
        ;;
      *) hg_found="$hg_found $k" hg_paths="$hg_paths \"\$p_$k\"" ;;
    esac
  done
  [ -n "$hg_found" ] || return 0
  eval "set -- $hg_paths"
  hg_v=$#
  hg_o=$(sha256sum -- "$@" 2>/dev/null)
  IFS=$hg_nl
  set -- $hg_o
  IFS=$hg_space
  if [ $# != "$hg_v" ]; then
    hg_one_by_one sha256sum
    IFS=$hg_nl
    set -- $hg_o
    IFS=$hg_space
  fi
  for k in $hg_found; do
    hg_line=$1
    shift
    [ "$hg_line" != gone ] || continue
    hg_line=\${hg_line#\\}
    hg_line=\${hg_line%% *}
    eval "d_$k=\$hg_line"
  done
}

# Small files come together from one process, a byte between them that no text has. What does not add up is read alone.
hg_read() {
  hg_found= hg_paths= hg_size=0
  for k in $1; do
    eval "p=\$p_$k t=\$t_$k s=\$s_$k x_$k="
    [ "$t" = file ] || continue
    if [ -n "$hg_helper" ]; then
      # A helper asks for accounts by name.
      case $k in [a-z]*) ;; *) hg_read_one "$k" ;; esac
      continue
    fi
    # Account files of this size are left to those who know how to search them.
    case $k:$s in [a-z]*:?????*) continue ;; esac
    case $p in *"$hg_nl"*) s=32768 ;; esac
    if [ "$s" = 0 ]; then :
    elif [ "$s" -le 8192 ] && [ $((hg_size + s)) -le 32768 ]; then
      hg_size=$((hg_size + s)) hg_found="$hg_found $k" hg_paths="$hg_paths \"\$p_$k\""
    else
      hg_read_one "$k"
    fi
  done
  eval "set -- $hg_paths"
  case $# in
    0) return 0 ;;
    1) hg_read_one \${hg_found# }; return ;;
  esac
  hg_v=$#
  hg_o=$(awk 'FNR == 1 && NR > 1 { printf "\037" } 1; END { printf "\037" }' "$@" 2>/dev/null)
  IFS=$hg_apart
  set -- $hg_o
  IFS=$hg_space
  [ $# = "$hg_v" ] || set --
  for k in $hg_found; do
    eval "s=\$s_$k"
    hg_v=\${1-}
    [ $# = 0 ] || shift
    # Behind the last line stands a line break now.
    [ \${#hg_v} -eq "$s" ] || hg_v=\${hg_v%"$hg_nl"}
    if [ \${#hg_v} -eq "$s" ]; then eval "x_$k=\$hg_v"; else hg_read_one "$k"; fi
  done
}

# What stands behind the file keeps its last line breaks; no file of ours is needed for that.
hg_read_one() {
  eval "p=\$p_$1 s=\$s_$1"
  [ "$s" -gt 65536 ] || ! hg_learn texts "$1" "$s" "$p" || return 0
  hg_o=$(cat -- "$p" /proc/sys/kernel/random/boot_id 2>/dev/null)
  hg_line=\${hg_o%"$hg_boot"}
  eval "x_$1=\$hg_line"
  if [ "\${#hg_line}" -ne "$s" ]; then eval "t_$1=binary"; fi
}

hg_targets() {
  hg_found=
  hg_list=$1
  set --
  for k in $hg_list; do
    eval "p=\$p_$k t=\$t_$k hg_line=\$l_$k"
    [ "$t:$hg_line" = link: ] || continue
    set -- "$@" "$p"
    hg_found="$hg_found $k"
  done
  [ $# -gt 0 ] || return 0
  hg_o=$(readlink -- "$@" 2>/dev/null)$hg_nl
  for k in $hg_found; do
    eval "p=\$p_$k s=\$s_$k"
    hg_line=\${hg_o%%"$hg_nl"*}
    hg_o=\${hg_o#*"$hg_nl"}
    if [ "\${#hg_line}" -ne "$s" ]; then
      hg_line=$(readlink -- "$p"; printf x)
      hg_line=\${hg_line%"$hg_nl"x}
      hg_o=$hg_nl
    fi
    eval "l_$k=\$hg_line"
  done
}

hg_grep() {
  hg_list=$1
  shift
  for hg_line in "$@"; do
    shift
    set -- "$@" -e "$hg_line"
  done
  hg_grep_with "$hg_list" "$@"
}

# As hg_grep, for patterns that a helper reads in the same way.
hg_match() {
  [ -n "$hg_helper" ] && hg_match_helped "$@" || hg_grep "$@"
}

hg_match_helped() {
  hg_list=$1 hg_matches=$hg_nl
  shift
  hg_c=$#
  for k in $hg_list; do
    eval "p=\$p_$k t=\$t_$k"
    [ "$t" != file ] || set -- "$@" "$p"
  done
  [ $# = "$hg_c" ] || hg_learn matching "$hg_c" "$@"
}

# Patterns that hold a secret stay off the command line.
hg_grep_hidden() {
  hg_list=$1
  shift
  hg_volatile
  printf '%s\n' "$@" >"$HG_VOLATILE/patterns"
  hg_grep_with "$hg_list" -f "$HG_VOLATILE/patterns"
}

hg_grep_with() {
  hg_found=
  hg_list=$1 hg_matches=$hg_nl
  shift
  set -- "$@" --
  for k in $hg_list; do
    eval "p=\$p_$k t=\$t_$k"
    [ "$t" = file ] || continue
    set -- "$@" "$p"
    hg_found=1
  done
  [ -n "$hg_found" ] || return 0
  hg_o=$(grep -snHE "$@")
  case $? in 0 | 1) hg_matches=$hg_nl$hg_o$hg_nl ;; *) hg_matches=unknown ;; esac
}

hg_database() {
  hg_a=$1
  shift
  if hg_ask getent "$hg_a" -- "$@"; then
    hg_o=
    read -r hg_b <&7
    while [ "$hg_b" -gt 0 ] && IFS= read -r hg_line <&7; do hg_o=$hg_o$hg_line$hg_nl hg_b=$((hg_b - 1)); done
    return 0
  fi
  if command -v getent >/dev/null 2>&1; then
    hg_o=$(getent "$hg_a" "$@")
    return 0
  fi
  hg_o=
  hg_a=/etc/$hg_a
  while IFS= read -r hg_line; do
    for hg_b in "$@"; do
      case $hg_line in "$hg_b":*) hg_o="$hg_o$hg_line$hg_nl" ;; esac
    done
  done <"$hg_a"
  return 0
}

hg_users() {
  hg_accounts_of pw passwd "$@"
  hg_passwd=$hg_nl$hg_o$hg_nl
}

hg_groups() {
  hg_accounts_of gr group "$@"
  hg_group=$hg_nl$hg_o$hg_nl
}

# Where nsswitch.conf(5) asks the files first, what stands in them is the answer; only for the rest others are asked, if there are any.
hg_accounts_of() {
  hg_table=$2 hg_first= hg_others=
  eval "hg_a=\$x_$1 x_$1="
  shift 2
  IFS=$hg_nl
  for hg_line in $x_nss; do
    IFS=$hg_space
    case $hg_line in "$hg_table:"*) ;; *) continue ;; esac
    hg_first= hg_others=
    for hg_b in \${hg_line#*:}; do
      case $hg_b in
        '#'*) break ;;
        *'['*) hg_first='['; break ;;
      esac
      if [ -z "$hg_first" ]; then hg_first=$hg_b; else hg_others=1; fi
    done
  done
  if [ "$hg_first" != files ] || [ -z "$hg_a" ]; then
    IFS=$hg_space
    hg_database "$hg_table" "$@"
    return
  fi
  hg_c= hg_w=" $* "
  IFS=$hg_nl
  for hg_line in $hg_a; do
    case $hg_w in *" \${hg_line%%:*} "*) hg_c=$hg_c$hg_line$hg_nl ;; esac
  done
  IFS=$hg_space
  hg_w=
  for hg_b in "$@"; do
    case $hg_nl$hg_c in *"$hg_nl$hg_b:"*) continue ;; esac
    # A number may stand for an account with another name.
    case $hg_b in *[!0-9]*) [ -n "$hg_others" ] || continue ;; esac
    hg_w="$hg_w $hg_b"
  done
  hg_o=
  [ -z "$hg_w" ] || hg_database "$hg_table" $hg_w
  hg_o=$hg_c$hg_o
}

# Field by field: to cut a long text at a place takes a shell time that grows with the square of what stands before it.
hg_lookup() {
  hg_v=
  case $1 in *"$3$2$4"*) ;; *) return 1 ;; esac
  hg_split=$IFS
  IFS=$3
  for hg_field in $1; do
    case $hg_field in "$2$4"*) hg_v=\${hg_field#"$2$4"}; break ;; esac
  done
  IFS=$hg_split
}
`}`;

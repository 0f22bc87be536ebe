import { posix } from "../quote.ts";

/**
 * Reading of the node's state: one process for all paths, one for all digests, one for all packages and so on. Results are in variables:
 * `t_N` type (none file dir link other), `m_N` mode, `u_N` `g_N` names, `s_N` size, `d_N` digest, `x_N` content, `l_N` link target.
 */
export const gatherPrelude = posix`
hg_stat() {
  hg_found=
  hg_list=$1
  set --
  for k in $hg_list; do
    eval "p=\$p_$k t_$k=none m_$k= u_$k= g_$k= un_$k= gn_$k= s_$k=0 d_$k= l_$k="
    if [ -e "$p" ] || [ -L "$p" ]; then
      set -- "$@" "$p"
      hg_found="$hg_found $k"
    fi
  done
  [ $# -gt 0 ] || return 0
  hg_o=$(stat -c '%f %a %U %G %s %u %g' -- "$@" 2>/dev/null)$hg_nl
  for k in $hg_found; do
    hg_line=\${hg_o%%"$hg_nl"*}
    hg_o=\${hg_o#*"$hg_nl"}
    set -- $hg_line
    case $1 in
      8???) eval "t_$k=file" ;;
      4???) eval "t_$k=dir" ;;
      a???) eval "t_$k=link" ;;
      '') eval "t_$k=none" ;;
      *) eval "t_$k=other" ;;
    esac
    case $2 in ??) hg_m=0$2 ;; ?) hg_m=00$2 ;; *) hg_m=$2 ;; esac
    eval "m_$k=\$hg_m u_$k=\$3 g_$k=\$4 s_$k=\$5 un_$k=\$6 gn_$k=\$7"
  done
}

hg_hash() {
  hg_found=
  hg_list=$1
  set --
  for k in $hg_list; do
    eval "p=\$p_$k t=\$t_$k"
    [ "$t" = file ] || continue
    eval "d_$k=unreadable"
    [ -r "$p" ] || continue
    case $p in
      *"$hg_nl"*)
        hg_line=$(sha256sum <"$p")
        hg_line=\${hg_line%% *}
        eval "d_$k=\$hg_line"
        ;;
      *)
        set -- "$@" "$p"
        hg_found="$hg_found $k"
        ;;
    esac
  done
  [ $# -gt 0 ] || return 0
  hg_o=$(sha256sum -- "$@" 2>/dev/null)$hg_nl
  for k in $hg_found; do
    hg_line=\${hg_o%%"$hg_nl"*}
    hg_o=\${hg_o#*"$hg_nl"}
    hg_line=\${hg_line#\\}
    hg_line=\${hg_line%% *}
    eval "d_$k=\$hg_line"
  done
}

hg_read() {
  hg_found=
  hg_list=$1
  set --
  for k in $hg_list; do
    eval "p=\$p_$k t=\$t_$k x_$k="
    [ "$t" = file ] || continue
    set -- "$@" "$p"
    hg_found="$hg_found $k"
  done
  case $# in
    0) return 0 ;;
    1)
      # What stands behind a single file keeps its last line breaks; no file of ours is needed for that.
      hg_o=$(cat -- "$1" /proc/sys/kernel/random/boot_id 2>/dev/null)
      k=\${hg_found# }
      hg_line=\${hg_o%"$hg_boot"}
      eval "s=\$s_$k x_$k=\$hg_line"
      if [ "\${#hg_line}" -ne "$s" ]; then eval "t_$k=binary"; fi
      return 0
      ;;
  esac
  hg_marker="$hg_nl@ end of $$ $hg_boot @$hg_nl"
  hg_volatile
  [ -e "$HG_VOLATILE/end" ] || printf %s "$hg_marker" >"$HG_VOLATILE/end"
  for p in "$@"; do
    shift
    set -- "$@" "$p" "$HG_VOLATILE/end"
  done
  hg_o=$(cat -- "$@" 2>/dev/null)$hg_nl
  set -- $hg_found
  for k in $hg_found; do
    hg_line=\${hg_o%%"$hg_marker"*}
    shift
    # Removing a long prefix takes a shell quadratic time.
    if [ $# -gt 0 ]; then
      hg_o=$(printf %s "$hg_o" | tail -c +$((\${#hg_line} + \${#hg_marker} + 1)); printf x)
      hg_o=\${hg_o%x}
    fi
    eval "s=\$s_$k x_$k=\$hg_line"
    if [ "\${#hg_line}" -ne "$s" ]; then eval "t_$k=binary"; fi
  done
}

hg_targets() {
  hg_found=
  hg_list=$1
  set --
  for k in $hg_list; do
    eval "p=\$p_$k t=\$t_$k"
    [ "$t" = link ] || continue
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
  if command -v getent >/dev/null 2>&1; then
    hg_o=$(getent "$@")
    return 0
  fi
  hg_o=
  hg_a=/etc/$1
  shift
  while IFS= read -r hg_line; do
    for hg_b in "$@"; do
      case $hg_line in "$hg_b":*) hg_o="$hg_o$hg_line$hg_nl" ;; esac
    done
  done <"$hg_a"
  return 0
}

hg_users() {
  hg_database passwd "$@"
  hg_passwd=$hg_nl$hg_o$hg_nl
}

hg_groups() {
  hg_database group "$@"
  hg_group=$hg_nl$hg_o$hg_nl
}

hg_lookup() {
  case $1 in
    *"$3$2$4"*)
      hg_v=\${1#*"$3$2$4"}
      hg_v=\${hg_v%%"$3"*}
      ;;
    *)
      hg_v=
      return 1
      ;;
  esac
}
`;

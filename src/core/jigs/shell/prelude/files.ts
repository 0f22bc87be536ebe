import { posix } from "../quote.ts";

/**
 * Writing of files: always beside the target and renamed over it, with owner and mode set before; a symlink at the path is replaced, never followed.
 * `set -C` makes the one open of the temporary file exclusive: a link that another user plants there is refused, not written through.
 */
export const filesPrelude = posix`
hg_ref() {
  hg_k=$1
  eval "p=\$p_$1 t=\$t_$1 m=\$m_$1 u=\$u_$1 g=\$g_$1 s=\$s_$1 d=\$d_$1 l=\$l_$1 x=\$x_$1 un=\$un_$1 gn=\$gn_$1"
}

hg_owner_differs() {
  case $1 in '' | "$u" | "\${un:-}") ;; *) return 0 ;; esac
  case $2 in '' | "$g" | "\${gn:-}") return 1 ;; esac
}

hg_look() {
  hg_ref "$1"
  case $t in
    none) hg_seen=absent ;;
    file | binary) hg_seen="file 0$m $u:$g" ;;
    dir) hg_seen="directory 0$m $u:$g" ;;
    link) hg_seen="symlink" ;;
    *) hg_seen="special file 0$m $u:$g" ;;
  esac
}

hg_attributes() {
  hg_diff mode "0$m" "0\${1:-$m}"
  hg_wanted_user=\${2:-$u} hg_wanted_group=\${3:-$g}
  [ "$hg_wanted_user" = "$un" ] && hg_wanted_user=$u
  [ "$hg_wanted_group" = "$gn" ] && hg_wanted_group=$g
  hg_diff owner "$u:$g" "$hg_wanted_user:$hg_wanted_group"
}

hg_parent() {
  hg_dir=\${1%/*}
  hg_dir=\${hg_dir:-/}
  [ -d "$hg_dir" ] || hg_fail "the directory $hg_dir does not exist: make it with a directory step before this one"
}

hg_pour() {
  if [ "$1" != - ]; then
    [ "$2" -gt 0 ] || return 0
    # Whoever still writes when head has what it wants may say so, or not: it is no trouble.
    if [ -n "$hg_data" ]; then printf %s "$hg_data" 2>/dev/null | tail -c +$(($1 + 1)) 2>/dev/null | head -c "$2"
    else tail -c +$((hg_base + $1 + 1)) "$0" 2>/dev/null | head -c "$2"
    fi
    return
  fi
  cat -- "$HG_STATE/cache/sha256-$3"
}

# Into a file that nobody else can reach.
hg_pour_into() {
  [ "$2" = - ] || [ -n "$hg_data" ] || ! hg_ask pour -- "$1" "$0" $((hg_base + $2)) "$3" || return 0
  hg_pour "$2" "$3" "$4" >"$1"
}

hg_have() {
  [ "$1" = - ] || return 0
  hg_file=$HG_STATE/cache/sha256-$3
  [ -f "$hg_file" ] || { hg_fail "the content sha256:$3 is not in the node's cache"; return 1; }
  hg_o=$(sha256sum -- "$hg_file" 2>/dev/null)
  [ "\${hg_o%% *}" = "$3" ] || hg_fail "the content sha256:$3 in the node's cache is damaged"
}

hg_temporary() {
  hg_temp=$1/.halligan.$$.$2
  if [ -e "$hg_temp" ] || [ -L "$hg_temp" ]; then rm -f -- "$hg_temp"; fi
}

hg_place() {
  if [ -L "$2" ] && [ -d "$2" ]; then hg_try rm -f -- "$2" || return 1; fi
  if [ -d "$2" ]; then rm -f -- "$1"; hg_fail "$2 is a directory: it is not replaced by a file"; return 1; fi
  hg_v=$3
  [ "$hg_made_with" != "$3" ] || hg_v=
  if hg_ask place -- "$1" "$4\${5:+:$5}" "$hg_v" "$2"; then
    [ -z "$hg_made_with" ] || hg_made="$hg_made $hg_k:$3"
    return 0
  fi
  if [ -n "$4$5" ]; then
    hg_try chown -h -- "$4\${5:+:$5}" "$1" || { rm -f -- "$1"; return 1; }
  fi
  [ "$hg_made_with" = "$3" ] || hg_try chmod -- "$3" "$1" || { rm -f -- "$1"; return 1; }
  [ -z "$hg_made_with" ] || hg_made="$hg_made $hg_k:$3"
  hg_e=$(mv -f -- "$1" "$2" 2>&1) && return 0
  case $hg_e in
    *[Bb]usy*) hg_e=$({ cat -- "$1" >"$2"; } 2>&1) && { rm -f -- "$1"; return 0; } ;;
  esac
  rm -f -- "$1"
  hg_words "$hg_e"
  hg_fail "$2 could not be replaced: $hg_w"
}

hg_wants_chown() {
  hg_cu=$1 hg_cg=$2
  if [ "$t" = file ] || [ "$t" = binary ]; then
    hg_cu=\${1:-$un} hg_cg=\${2:-$gn}
  fi
  [ "$hg_euid" = 0 ] || [ -n "$1$2" ] || hg_cu= hg_cg=
  if [ "$hg_euid" = 0 ] && [ ! -g "$hg_dir" ]; then
    case $hg_cu in root | 0) hg_cu= ;; esac
    case $hg_cg in root | 0) hg_cg= ;; esac
  fi
}

hg_write_content() {
  if [ -n "$hg_helper" ] && [ "$1" != - ] && [ -z "$hg_data" ] && [ ! -d "$p" ]; then
    hg_parent "$p" || return 1
    hg_temporary "$hg_dir" "$hg_index"
    hg_wants_chown "$5" "$6"
    ! hg_ask write -- "$0" $((hg_base + $1)) "$2" "$hg_temp" "$hg_cu\${hg_cg:+:$hg_cg}" "$4" "$p" || return 0
  fi
  # An empty content stands where the next one does.
  if [ "$1" != - ] && [ "$2" -gt 0 ]; then
    eval "hg_v=\$y_$1"
    if [ -n "$hg_v" ]; then hg_write_text "$hg_v" "$4" "$5" "$6"; return; fi
  fi
  hg_parent "$p" || return 1
  hg_have "$1" "$2" "$3" || return 1
  hg_temporary "$hg_dir" "$hg_index"
  hg_e=$({ set -C; { set +C; hg_pour "$1" "$2" "$3"; } >"$hg_temp"; } 2>&1) || { rm -f -- "$hg_temp"; hg_words "$hg_e"; hg_fail "$p could not be written: $hg_w"; return 1; }
  hg_wants_chown "$5" "$6"
  hg_made_with=
  hg_place "$hg_temp" "$p" "$4" "$hg_cu" "$hg_cg"
}

hg_full() {
  hg_v=$(df -Pk -- "$1" 2>/dev/null | tail -n 1) || return 1
  set -- $hg_v
  [ "\${4:-1}" = 0 ]
}

hg_write_text() {
  hg_parent "$p" || return 1
  hg_temporary "$hg_dir" "$hg_index"
  hg_umask_for "$2"
  { set -C; { printf %s "$1"; } >"$hg_temp"; hg_v=$?; set +C; } 2>"$HG_VOLATILE/why"
  umask 077
  if [ "$hg_v" != 0 ]; then
    hg_e=$(cat "$HG_VOLATILE/why")
    # Some shells' own printf says no more than that writing failed, or not even that.
    case $hg_e in '' | *'I/O error'*) hg_full "$hg_dir" && hg_e="No space left on device" ;; esac
    rm -f -- "$hg_temp"
    hg_words "$hg_e"
    hg_fail "$p could not be written: $hg_w"
    return 1
  fi
  hg_wants_chown "$3" "$4"
  hg_place "$hg_temp" "$p" "$2" "$hg_cu" "$hg_cg"
}

hg_set_attributes() {
  if hg_owner_differs "$2" "$3"; then hg_try chown -h -- "$2\${3:+:$3}" "$p" || return 1; fi
  if [ -n "$1" ] && [ "$1" != "$m" ]; then hg_try chmod -- "$1" "$p" || return 1; fi
  if [ -n "$1" ]; then case $1 in ????) hg_try chmod -- "$1" "$p" || return 1 ;; esac; fi
}

hg_directory_of() {
  [ -d "$1" ] || hg_ask mkdir -m 700 -- "$1" || hg_try mkdir -p -- "$1"
}

hg_remember() {
  [ "$hg_memory" = 1 ] || return 0
  if [ -e "$1" ] || [ -L "$1" ] || [ -e "$1.none" ]; then return 0; fi
  hg_directory_of "$HG_STATE/originals" || return 1
  if [ "$t" = none ]; then
    printf %s "$2" >"$1.none" || hg_fail "$1.none could not be written"
    return
  fi
  hg_try cp -a -- "$p" "$1.new" && hg_try mv -f -- "$1.new" "$1"
}

hg_show_old() {
  case $t in
    file | binary)
      if [ "$s" -le 8192 ]; then case $hg_fetched in *" $hg_k "*) ;; *) hg_read_one "$hg_k" ;; esac; fi
      if [ "$s" -le 8192 ] && eval "t=\$t_$hg_k x=\$x_$hg_k" && [ "$t" = file ]; then
        hg_frame "old $hg_index" "$x"
        return
      fi
      hg_volatile
      head -c 65536 -- "$p" >"$HG_VOLATILE/show" 2>/dev/null || :
      ;;
    *)
      hg_frame "old $hg_index" ''
      return
      ;;
  esac
  hg_frame_file "old $hg_index" "$HG_VOLATILE/show"
}

hg_show_content() {
  hg_show_old
  if [ "$1" = - ]; then return 0; fi
  eval "hg_v=\$y_$1"
  if [ "$2" -gt 0 ] && [ -n "$hg_v" ]; then hg_put "@ new $hg_index $2$hg_nl$hg_v$hg_nl"; return; fi
  if [ "$hg_channel" = only ]; then
    hg_put "@ new $hg_index $2$hg_nl"
    hg_flush
    hg_pour "$1" "$2" "$3" >&3
    hg_put "$hg_nl"
    return
  fi
  hg_volatile
  hg_pour "$1" "$2" "$3" >"$HG_VOLATILE/show"
  hg_frame_file "new $hg_index" "$HG_VOLATILE/show"
}

hg_show_nothing_left() {
  hg_show_old
  hg_frame "new $hg_index" ''
}

hg_show_text() {
  hg_show_old
  hg_o=$(printf %s "$1" 2>/dev/null | head -c 65536; printf x)
  hg_frame "new $hg_index" "\${hg_o%x}"
}
`;

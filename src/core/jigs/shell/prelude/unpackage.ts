import { posix } from "../quote.ts";

/**
 * Shell functions that take back what `package` steps installed. A step remembers all that came with it; what others still need when it goes
 * is handed on, so that the last of them takes it along.
 */
export const unpackagePrelude = posix`
hg_is_in() {
  case " $2 " in *" $1 "* | *" $1:"*) return 0 ;; esac
  return 1
}

hg_takes_others() {
  # Succeeds when removing these packages would take along what is not ours.
  case $hg_manager in
    apt) hg_o=$(apt-get -s -o APT::Get::AutomaticRemove=false purge -- "$@" 2>/dev/null) ;;
    dnf | zypper) hg_o=$(rpm -e --test -- "$@" 2>&1) ;;
    *) return 1 ;;
  esac
  IFS=$hg_nl
  set -- $hg_o
  IFS=$hg_space
  for hg_line in "$@"; do
    case $hg_line in
      'Purg '* | 'Remv '*)
        hg_b=\${hg_line#* }
        hg_b=\${hg_b%% *}
        ;;
      *'(installed) '*)
        hg_b=\${hg_line##*'(installed) '}
        hg_b=\${hg_b%-*-*}
        ;;
      *) continue ;;
    esac
    hg_is_in "\${hg_b%%:*}" "$hg_ours" || return 0
  done
  return 1
}

hg_unpackage_memory() {
  # What this step installed, and what stayed when other steps went: "dep" came along, "name" stands in the list of a role that stays.
  hg_own= hg_deps= hg_named=
  if [ -r "$hg_memory_file" ]; then
    while read -r hg_line; do hg_own="$hg_own $hg_line"; done <"$hg_memory_file"
  fi
  if [ -r "$hg_stayed_file" ]; then
    while read -r hg_a hg_line; do
      case $hg_a in dep) hg_deps="$hg_deps $hg_line" ;; name) hg_named="$hg_named $hg_line" ;; esac
    done <"$hg_stayed_file"
  fi
  hg_ours="$hg_own$hg_deps$hg_named"
}

hg_unpackage_check() {
  hg_memory_file=$1 hg_stayed_file=$2 hg_keep=$3 hg_mine= hg_kept= hg_needed= hg_names=
  shift 3
  hg_unpackage_memory
  for hg_a in "$@"; do
    hg_b=\${hg_a%%=*}
    hg_is_in "$hg_b" "$hg_ours" || continue
    if hg_is_in "$hg_b" "$hg_keep"; then hg_kept="$hg_kept $hg_b"; else hg_mine="$hg_mine $hg_b"; fi
  done
  if [ -n "$hg_mine" ] && hg_takes_others $hg_mine; then
    hg_all=$hg_mine hg_mine=
    for hg_a in $hg_all; do
      if hg_takes_others "$hg_a"; then hg_needed="$hg_needed $hg_a"; else hg_mine="$hg_mine $hg_a"; fi
    done
  fi
  if [ -n "$hg_mine" ]; then hg_package_check absent $hg_mine; return; fi
  for hg_a in $hg_kept $hg_needed; do
    if hg_is_in "$hg_a" "$hg_own"; then hg_want change "others need$hg_kept$hg_needed"; return; fi
  done
  hg_none "not installed by Halligan"
}

hg_unneeded() {
  hg_left= hg_came=
  for hg_a in $hg_own $hg_deps; do
    hg_is_in "\${hg_a%%:*}" "$hg_keep" || hg_came="$hg_came $hg_a"
  done
  case $hg_manager in
    apt)
      # Nobody needs what is only recommended or suggested: these came with ours.
      hg_o=$(apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove 2>/dev/null)
      for hg_a in $hg_came; do
        case "$hg_o" in *"Remv $hg_a "* | *"Remv \${hg_a%%:*} "*) hg_left="$hg_left $hg_a" ;; esac
      done
      ;;
    dnf | zypper)
      hg_there=
      for hg_a in $hg_came; do
        if rpm -q -- "$hg_a" >/dev/null 2>&1; then hg_there="$hg_there $hg_a"; fi
      done
      [ -n "$hg_there" ] || return 0
      if rpm -e --test $hg_there >/dev/null 2>&1; then hg_left=$hg_there; return; fi
      hg_more=1
      while [ "$hg_more" = 1 ]; do
        hg_more=0
        for hg_a in $hg_there; do
          case " $hg_left " in *" $hg_a "*) continue ;; esac
          if rpm -e --test $hg_left "$hg_a" >/dev/null 2>&1; then hg_left="$hg_left $hg_a" hg_more=1; fi
        done
      done
      ;;
  esac
}

hg_spare() {
  # apt keeps whatever could be what others need ("awk": gawk beside mawk): what came with ours goes when nothing goes with it.
  hg_left= hg_auto=" $(apt-mark showauto 2>/dev/null | tr '\n' ' ')"
  for hg_a in $hg_came; do
    hg_is_in "\${hg_a%%:*}" "$hg_auto" && [ -n "$(dpkg-query -W -f '\${Provides}' -- "$hg_a" 2>/dev/null)" ] || continue
    hg_ours="$hg_left $hg_a"
    hg_takes_others $hg_left "$hg_a" || hg_left="$hg_left $hg_a"
  done
}

hg_unpackage_remember() {
  hg_o="$hg_nl$(hg_package_list)$hg_nl"
  hg_line=
  for hg_a in $hg_own $hg_deps $hg_named; do
    case $hg_o in *"$hg_nl"installed" $hg_a$hg_nl"*) ;; *) continue ;; esac
    hg_b=dep
    if hg_is_in "\${hg_a%%:*}" "$hg_keep" || hg_is_in "$hg_a" "$hg_named"; then hg_b=name; fi
    case $hg_nl$hg_line in *"$hg_nl$hg_b $hg_a$hg_nl"*) ;; *) hg_line="$hg_line$hg_b $hg_a$hg_nl" ;; esac
  done
  if [ -n "$hg_line" ]; then
    printf %s "$hg_line" >"$hg_stayed_file" || { hg_fail "the list of packages that stay could not be kept"; return 1; }
  else
    hg_try rm -f -- "$hg_stayed_file" || return 1
  fi
  hg_try rm -f -- "$hg_memory_file"
}

hg_unpackage_apply() {
  hg_package_ready || return 1
  hg_unpackage_check "$@"
  [ -z "$hg_names" ] || hg_package_remove $hg_names || return 1
  [ "$hg_manager" != apt ] || [ -z "$hg_needed" ] || hg_try apt-mark -qq auto $hg_needed || return 1
  hg_unneeded
  [ -z "$hg_left" ] || hg_package_remove $hg_left || return 1
  if [ "$hg_manager" = apt ] && hg_spare && [ -n "$hg_left" ]; then
    hg_package_remove $hg_left && hg_unneeded || return 1
    [ -z "$hg_left" ] || hg_package_remove $hg_left || return 1
  fi
  hg_unpackage_remember
}
`;

import { posix } from "../quote.ts";
import { managersPrelude } from "./managers.ts";
import { unpackagePrelude } from "./unpackage.ts";

/** Shell functions of `package` steps. */
export const packagesPrelude = `${managersPrelude}${posix`
hg_version_fits() {
  case $1 in $2) return 0 ;; esac
  [ "$hg_manager" != apt ] || return 1
  set -- "\${1#*:}" "$2"
  case $1 in $2) return 0 ;; esac
  case \${1%-*} in $2) return 0 ;; esac
  return 1
}

hg_package_check() {
  hg_state=$1 hg_names=
  shift
  if [ "$hg_packages" = missing ]; then hg_want change "no package manager that is known on this node"; return; fi
  hg_kind=none hg_seen=
  for hg_a in "$@"; do
    hg_b=\${hg_a%%=*}
    hg_lookup "$hg_packages" "$hg_b" '|' = || hg_v=absent
    hg_seen="$hg_seen\${hg_seen:+, }$hg_b $hg_v"
    hg_c=
    case $hg_state:$hg_v in
      absent:absent) ;;
      absent:*) hg_c=destroy hg_new=absent ;;
      *:absent) hg_c=create hg_new=installed ;;
      latest:*)
        hg_old=$hg_v
        if hg_lookup "$hg_candidates" "$hg_b" '|' = && [ "$hg_v" != '(none)' ] && [ "$hg_v" != "$hg_old" ]; then hg_c=change hg_new=$hg_v; fi
        hg_v=$hg_old
        ;;
    esac
    if [ -z "$hg_c" ] && [ "$hg_state" != absent ] && [ "$hg_a" != "$hg_b" ]; then
      hg_version_fits "$hg_v" "\${hg_a#*=}" || { hg_c=change hg_new=\${hg_a#*=}; }
    fi
    [ -n "$hg_c" ] || continue
    case $hg_manager:$hg_c:$hg_state in
      dnf:change:latest | zypper:change:latest) hg_names="$hg_names $hg_b=$hg_new" ;;
      *) hg_names="$hg_names $hg_a" ;;
    esac
    hg_diff "$hg_b" "$hg_v" "$hg_new"
    [ "$hg_kind" = change ] || hg_kind=$hg_c
  done
  hg_want "$hg_kind" "$hg_seen"
}

hg_package_ready() {
  [ "$hg_euid" = 0 ] || { hg_fail "installing packages needs root: set become: sudo for this node"; return 1; }
  case $hg_manager in
    apt) hg_need apt-get dpkg-query ;;
    dnf) command -v dnf >/dev/null 2>&1 || hg_fail "this node has no dnf: package steps need version 8 or newer of RHEL and its like" ;;
    zypper) hg_need zypper rpm ;;
    apk) hg_need apk ;;
    *) hg_fail "no package manager that is known on this node: package steps need apt, dnf, zypper or apk" ;;
  esac
}

hg_apt() {
  hg_run env DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=a apt-get -q -y -o DPkg::Lock::Timeout="$hg_limit" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@" ||
    hg_fail "apt-get ended with exit code $hg_exit"
}

hg_dnf() {
  hg_run dnf -y "$@" || hg_fail "dnf ended with exit code $hg_exit"
}

hg_zypper() {
  hg_run env ZYPP_LOCK_TIMEOUT="$hg_limit" zypper --non-interactive "$@" && return 0
  # 100 to 103 only inform, such as that a restart is due (zypper(8)).
  case $hg_exit in 100 | 101 | 102 | 103) hg_error= hg_exit=0; return 0 ;; esac
  hg_fail "zypper ended with exit code $hg_exit"
}

hg_apk() {
  hg_run apk --no-progress --wait "$hg_limit" "$@" || hg_fail "apk ended with exit code $hg_exit"
}

hg_lists_stale() {
  case $hg_manager in
    apt) hg_dir=/var/lib/apt/lists ;;
    *) hg_dir=/var/cache/apk ;;
  esac
  set +f
  set -- "$hg_dir"/*_Packages* "$hg_dir"/*_InRelease "$hg_dir"/APKINDEX.*
  set -f
  [ -e "$1" ] || [ -e "$2" ] || [ -e "$3" ] || return 0
  hg_o=$(find "$hg_dir" -maxdepth 1 -mmin -1440 2>/dev/null)
  [ -z "$hg_o" ]
}

hg_package_words() {
  hg_w=
  for hg_a in $hg_names; do
    hg_b=\${hg_a%%=*}
    hg_c=\${hg_a#*=}
    case $hg_manager:$hg_a in
      dnf:*=*) hg_a=$hg_b-$hg_c ;;
      zypper:*=*) hg_zypper_version || return 1 ;;
      apk:*=*-r[0-9]*) ;;
      apk:*=*)
        hg_c=\${hg_c%'*'}
        hg_a=$hg_b=~\${hg_c%.}
        ;;
    esac
    hg_w="$hg_w $hg_a"
  done
}

hg_zypper_version() {
  hg_o=$(zypper --non-interactive --no-refresh --xmlout search --details --match-exact --type package "$hg_b" 2>/dev/null)
  IFS=$hg_nl
  set -- $hg_o
  IFS=$hg_space
  for hg_line in "$@"; do
    case $hg_line in *'<solvable '*"name=\"$hg_b\""*edition=\"*) ;; *) continue ;; esac
    hg_line=\${hg_line#*edition=\"}
    hg_line=\${hg_line%%\"*}
    if hg_version_fits "$hg_line" "$hg_c"; then hg_a=$hg_b=$hg_line; return 0; fi
  done
  hg_fail "no repository of this node has $hg_b in a version like $hg_c"
}

hg_package_update() {
  case $hg_manager:$1 in
    apt:true) hg_apt update ;;
    apt:stale) hg_lists_stale || return 0; hg_apt update ;;
    apk:true) hg_apk update ;;
    apk:stale) hg_lists_stale || return 0; hg_apk update ;;
    dnf:true) hg_dnf makecache --refresh ;;
    zypper:true) hg_zypper refresh ;;
    *) return 0 ;;
  esac
}

hg_package_install() {
  hg_package_words || return 1
  case $hg_manager:$1 in
    apt:*) hg_apt install --allow-downgrades "--$1" -- $hg_w ;;
    dnf:install-*) hg_dnf install --setopt=install_weak_deps=True $hg_w ;;
    dnf:*) hg_dnf install --setopt=install_weak_deps=False $hg_w ;;
    zypper:install-*) hg_zypper install --auto-agree-with-licenses --oldpackage --recommends $hg_w ;;
    zypper:*) hg_zypper install --auto-agree-with-licenses --oldpackage --no-recommends $hg_w ;;
    *) if [ "$hg_state" = latest ]; then hg_apk add --upgrade $hg_w; else hg_apk add $hg_w; fi ;;
  esac
}

hg_package_remove() {
  case $hg_manager in
    apt) hg_apt purge -- "$@" ;;
    dnf) hg_dnf remove --setopt=clean_requirements_on_remove=False "$@" ;;
    zypper) hg_zypper remove "$@" ;;
    *) hg_apk del "$@" ;;
  esac
}

hg_package_list() {
  case $hg_manager in
    apt) dpkg-query -W -f '\${db:Status-Status} \${binary:Package}\n' ;;
    apk) hg_apk_database | sed 's/^\([^ ]*\) .*/installed \1/' ;;
    *) rpm -qa --qf 'installed %{NAME}\n' ;;
  esac
}

hg_hold_services() {
  hg_policy_ours=
  [ "$hg_manager" = apt ] && [ ! -e "$hg_policy" ] || return 0
  {
    printf '%s\n' '#!/bin/sh' '# Halligan: nothing starts while packages are installed; what runs already may be restarted.'
    printf '%s\n' 'if [ -d /run/systemd/system ]; then systemctl -q is-active "$1" && exit 0; else service "$1" status >/dev/null 2>&1 && exit 0; fi' 'exit 101'
  } >"$hg_policy" && hg_try chmod 755 "$hg_policy" || { hg_fail "$hg_policy could not be written"; return 1; }
  hg_policy_ours=1
}

hg_release_services() {
  [ -z "$hg_policy_ours" ] || hg_try rm -f -- "$hg_policy"
}

hg_package_apply() {
  hg_memory_file=$1 hg_update=$2 hg_recommends=$3 hg_services_may=$4 hg_policy=/usr/sbin/policy-rc.d hg_policy_ours=
  shift 4
  hg_package_ready || return 1
  hg_package_check "$@"
  if [ "$1" = absent ]; then
    hg_package_remove $hg_names
    return
  fi
  hg_package_update "$hg_update" || return 1
  hg_before=
  [ "$hg_memory" != 1 ] || hg_before=$(hg_package_list)
  # A job that was killed half-way may have left it.
  if [ -f "$hg_policy" ] && grep -q '^# Halligan:' "$hg_policy"; then rm -f -- "$hg_policy"; fi
  if [ "$hg_services_may" = hold ]; then hg_hold_services || return 1; fi
  hg_package_install "$hg_recommends"
  hg_v=$?
  hg_release_services || return 1
  [ "$hg_v" = 0 ] || return 1
  [ "$hg_memory" = 1 ] || return 0
  hg_after=$(hg_package_list)
  hg_directory_of "$HG_STATE/originals" || return 1
  IFS=$hg_nl
  for hg_line in $hg_after; do
    case $hg_line in 'installed gpg-pubkey') continue ;; installed*) ;; *) continue ;; esac
    case "$hg_nl$hg_before$hg_nl" in *"$hg_nl$hg_line$hg_nl"*) ;; *) printf '%s\n' "\${hg_line#* }" ;; esac
  done >>"$hg_memory_file" || hg_fail "the list of installed packages could not be kept"
  IFS=$hg_space
}
`}${unpackagePrelude}`;

import { posix } from "../quote.ts";

/**
 * The node's package manager, and what it says of packages. `hg_manager_find` sets `hg_manager` (apt dnf zypper apk none): what os-release(5) names
 * decides, since a Debian machine may have rpm and dnf too; else the tools. `hg_installed NAME...` gathers `|NAME=VERSION|` into `hg_packages`,
 * `hg_newest NAME...` what would be a newer version into `hg_candidates`; neither asks the network.
 */
export const managersPrelude = posix`
hg_manager= hg_dpkg=/var/lib/dpkg

hg_manager_find() {
  [ -z "$hg_manager" ] || return 0
  hg_ids= hg_first=
  if [ -r /etc/os-release ]; then
    while IFS='=' read -r hg_a hg_b; do
      hg_b=\${hg_b%[\"\']}
      hg_b=\${hg_b#[\"\']}
      case $hg_a in
        ID) hg_first=$hg_b ;;
        ID_LIKE) hg_ids=$hg_b ;;
      esac
    done </etc/os-release
  fi
  for hg_a in $hg_first $hg_ids; do
    case $hg_a in
      debian | ubuntu) hg_manager=apt ;;
      rhel | fedora | centos | rocky | almalinux | ol | amzn) hg_manager=dnf ;;
      suse | opensuse* | sles | sled) hg_manager=zypper ;;
      alpine) hg_manager=apk ;;
      *) continue ;;
    esac
    return 0
  done
  for hg_a in apt-get:apt dnf:dnf zypper:zypper apk:apk; do
    command -v "\${hg_a%:*}" >/dev/null 2>&1 || continue
    hg_manager=\${hg_a#*:}
    return 0
  done
  hg_manager=none
}

hg_installed() {
  hg_packages='|' hg_o=
  hg_manager_find
  case $hg_manager in
    apt)
      command -v dpkg-query >/dev/null 2>&1 || { hg_packages=missing; return 0; }
      if hg_dpkg_status "$@"; then return 0; fi
      hg_packages='|'
      hg_o=$(dpkg-query -W -f '\${Package} :\${Architecture} \${db:Status-Status} \${Version}\n' -- "$@" 2>/dev/null)
      ;;
    dnf | zypper)
      command -v rpm >/dev/null 2>&1 || { hg_packages=missing; return 0; }
      hg_o=$(rpm -q --qf '%{NAME} .%{ARCH} installed %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\n' -- "$@" 2>/dev/null)
      ;;
    apk) hg_o=$(hg_apk_database) || hg_packages=missing ;;
    *) hg_packages=missing ;;
  esac
  IFS=$hg_nl
  for hg_line in $hg_o; do
    IFS=$hg_space
    set -- $hg_line
    [ "$3" != installed ] || hg_packages="$hg_packages$1=$4|$1$2=$4|"
  done
  IFS=$hg_space
}

# dpkg's own list of packages, searched instead of read as a whole: dpkg-query takes as long as all else in a look. dpkg writes a record's fields in an
# order of its own, version among the first 15; what it did since it wrote the list lies in updates, until the list is written anew.
hg_dpkg_status() {
  set +f
  for hg_a in "$hg_dpkg"/updates/*; do [ ! -e "$hg_a" ] || { set -f; return 1; }; done
  set -f
  hg_w=
  for hg_b in "$@"; do
    shift
    hg_b=\${hg_b%%:*}
    case $hg_b in *[!a-z0-9+.-]*) return 1 ;; esac
    hg_w="$hg_w $hg_b "
    set -- "$@" "$hg_b"
  done
  hg_learn stanzas "$hg_dpkg/status" "$@" || hg_dpkg_stanzas "$@" || return 1
  hg_a= hg_b= hg_c=
  IFS=$hg_nl
  for hg_line in $hg_o Package:; do
    case $hg_line in
      Package:* | --)
        # The record of a package that was asked for ended before its version came.
        case $hg_b:$hg_w in installed:*" $hg_a "*) IFS=$hg_space; return 1 ;; esac
        hg_a=\${hg_line#Package: } hg_b= hg_c=
        ;;
      Status:*) hg_b=\${hg_line##* } ;;
      Architecture:*) hg_c=\${hg_line#*: } ;;
      Version:*)
        [ "$hg_b" != installed ] || hg_packages="$hg_packages$hg_a=\${hg_line#*: }|$hg_a:$hg_c=\${hg_line#*: }|"
        hg_b=
        ;;
    esac
  done
  IFS=$hg_space
}

hg_dpkg_stanzas() {
  for hg_b in "$@"; do
    shift
    set -- "$@" -e "Package: $hg_b"
  done
  hg_o=$(grep -xF -A 15 "$@" "$hg_dpkg/status" 2>/dev/null)
  [ $? -le 1 ]
}

hg_apk_database() {
  for hg_a in /lib/apk/db/installed /usr/lib/apk/db/installed; do
    [ -r "$hg_a" ] || continue
    awk '/^P:/ { name = substr($0, 3) } /^V:/ { version = substr($0, 3) } /^A:/ { arch = substr($0, 3) }
      /^$/ { if (name != "") print name " ." arch " installed " version; name = "" }
      END { if (name != "") print name " ." arch " installed " version }' "$hg_a"
    return
  done
  return 1
}

hg_newest() {
  hg_candidates='|'
  hg_manager_find
  case $hg_manager in
    apt) hg_newest_apt "$@" ;;
    dnf) hg_newest_lines "$(dnf -q -C repoquery --upgrades --latest-limit=1 --qf '%{name} %{epoch}:%{version}-%{release}\n' "$@" 2>/dev/null)" ;;
    zypper) hg_newest_zypper "$@" ;;
    apk) hg_newest_apk "$@" ;;
  esac
}

hg_newest_apt() {
  command -v apt-cache >/dev/null 2>&1 || return 0
  hg_o=$(apt-cache policy -- "$@" 2>/dev/null)
  IFS=$hg_nl
  for hg_line in $hg_o; do
    IFS=$hg_space
    case $hg_line in
      [!\ ]*:) hg_a=\${hg_line%:} ;;
      *Candidate:*) hg_candidates="$hg_candidates$hg_a=\${hg_line##*: }|" ;;
    esac
  done
  IFS=$hg_space
}

hg_newest_lines() {
  IFS=$hg_nl
  set -- $1
  IFS=$hg_space
  for hg_line in "$@"; do
    hg_b=\${hg_line#* }
    hg_candidates="$hg_candidates\${hg_line%% *}=\${hg_b#0:}|"
  done
}

hg_newest_zypper() {
  hg_o=$(zypper --non-interactive --no-refresh --quiet list-updates --all 2>/dev/null)
  hg_b=
  IFS=$hg_nl
  set -- $hg_o
  for hg_line in "$@"; do
    IFS='|'
    set -- $hg_line
    IFS=$hg_space
    if [ $# -lt 5 ]; then continue; fi
    hg_a=$3 hg_c=$5
    set -- $hg_a $hg_c
    if [ $# = 2 ] && [ "$1" != Name ]; then hg_b="$hg_b$1 $2$hg_nl"; fi
  done
  IFS=$hg_space
  hg_newest_lines "$hg_b"
}

hg_newest_apk() {
  hg_o=$(apk version -l '<' -- "$@" 2>/dev/null)
  hg_c=
  IFS=$hg_nl
  for hg_line in $hg_o; do
    IFS=$hg_space
    case $hg_line in *' < '*) ;; *) continue ;; esac
    set -- $hg_line
    hg_a=\${1%-r*}
    hg_c="$hg_c\${hg_a%-*} $3$hg_nl"
  done
  IFS=$hg_space
  hg_newest_lines "$hg_c"
}
`;

import { writeFileSync } from "node:fs";

/**
 * Strict imitations of OpenRC's rc-service and rc-update for the services in /etc/init.d, which are started by marks in /run/openrc/started;
 * they write down what changed and refuse every word that the manual does not have.
 */
export function writeOpenrc(rcService: string, rcUpdate: string): void {
  writeFileSync(
    rcService,
    `#!/bin/sh
[ $# = 2 ] && [ -x "/etc/init.d/$1" ] || { echo "rc-service: service $1 does not exist" >&2; exit 1; }
case $2 in
  status) [ -e "/run/openrc/started/$1" ] || exit 3 ;;
  start) : >"/run/openrc/started/$1"; echo "start $1" >>/var/rc-calls ;;
  stop) [ -e "/run/openrc/started/$1" ] || exit 1; rm "/run/openrc/started/$1"; echo "stop $1" >>/var/rc-calls ;;
  restart) : >"/run/openrc/started/$1"; echo "restart $1" >>/var/rc-calls ;;
  zap) rm -f "/run/openrc/started/$1" ;;
  *) exit 99 ;;
esac
`,
    { mode: 0o755 },
  );
  writeFileSync(
    rcUpdate,
    `#!/bin/sh
case "$*" in
  "add "*" default") ln -s "/etc/init.d/$2" "/etc/runlevels/default/$2" ;;
  "-a del "*) set -- "$3" && rm /etc/runlevels/*/"$1" ;;
  *) echo "rc-update: bad words: $*" >&2; exit 99 ;;
esac
`,
    { mode: 0o755 },
  );
}

/**
 * A strict imitation of apk (apk-tools 2): it knows hgtest-main 1.2-r0 and 1.3-r0, which need hgtest-dep 1.0-r0, keeps the database that the
 * real one keeps, writes down how it was called, and refuses every word that the manual does not have.
 */
export function writeApk(file: string): void {
  writeFileSync(
    file,
    `#!/bin/sh
db=/lib/apk/db/installed world=/etc/apk/world
echo "$*" | sed 's|/[^ ]*/repositories|REPOSITORIES|' >>/var/apk-calls
refuse() { echo "apk: $1" >&2; exit 99; }
while :; do
  case $1 in
    --no-progress) shift ;;
    --repositories-file) grep -Eqx '(@[a-z]+ )?https?://[^ ]+' "$2" || refuse "bad $2"; shift 2 ;;
    --wait) case $2 in '' | *[!0-9]*) refuse "bad --wait $2" ;; esac; shift 2 ;;
    *) break ;;
  esac
done
do=$1; shift
version_of() { awk -v n="$1" '/^P:/ { p = substr($0, 3) } /^V:/ && p == n { print substr($0, 3) }' "$db"; }
drop() { awk -v n="$1" 'BEGIN { RS = ""; ORS = "\\n\\n" } { split($0, l, "\\n"); hit = 0; for (i in l) if (l[i] == "P:" n) hit = 1; if (!hit) print }' "$db" >"$db.new"; mv "$db.new" "$db"; }
put() { drop "$1"; printf 'C:Q1x=\\nP:%s\\nV:%s\\nA:noarch\\n\\n' "$1" "$2" >>"$db"; }
case $do in
  update) mkdir -p /var/cache/apk; : >/var/cache/apk/APKINDEX.1.tar.gz ;;
  add)
    upgrade=
    [ "$1" != --upgrade ] || { upgrade=1; shift; }
    [ $# -gt 0 ] || refuse "nothing to add"
    for w in "$@"; do
      case $w in
        hgtest-main) if [ -n "$upgrade" ] || [ -z "$(version_of hgtest-main)" ]; then put hgtest-main 1.3-r0; fi ;;
        hgtest-main=1.2-r0 | hgtest-main=~1.2) put hgtest-main 1.2-r0 ;;
        hgtest-main=1.3-r0 | hgtest-main=~1.3) put hgtest-main 1.3-r0 ;;
        hgtest-dep) ;;
        [!a-z]*) refuse "bad word $w" ;;
        *) echo "ERROR: unable to select packages: $w (no such package)" >&2; exit 1 ;;
      esac
      put hgtest-dep 1.0-r0
      grep -qxF "\${w%%=*}" "$world" || echo "\${w%%=*}" >>"$world"
    done ;;
  del)
    for w in "$@"; do
      case $w in *[=~*]* | -*) refuse "bad word $w" ;; esac
      grep -vxF "$w" "$world" >"$world.new"; mv "$world.new" "$world"
      drop "$w"
    done
    [ -n "$(version_of hgtest-main)" ] || grep -qxF hgtest-dep "$world" || drop hgtest-dep ;;
  version)
    [ "$1 $2 $3" = "-l < --" ] || refuse "version $*"
    shift 3
    echo "Installed:                                Available:"
    for w in "$@"; do
      v=$(version_of "$w")
      case $w:$v in hgtest-main:1.2-r0) printf '%-41s < %s\\n' "$w-$v" 1.3-r0 ;; esac
    done ;;
  *) refuse "unknown command $do" ;;
esac
`,
    { mode: 0o755 },
  );
}

/** A strict imitation of busybox's adduser, addgroup, deluser and delgroup, which works on the files in /etc; a link of each name must lead to it. */
export function writeAccounts(file: string): void {
  writeFileSync(
    file,
    `#!/bin/sh
me=\${0##*/}
refuse() { echo "$me: $1" >&2; exit 99; }
next() { awk -F: -v f="$2" 'BEGIN { n = f } $3 >= n && $3 < 60000 { n = $3 + 1 } END { print n }' "$1"; }
swap() { cat "$1.new" >"$1"; rm "$1.new"; }
uid= gid= first=1000 home= shell= gecos= group= make=1 system= defaults=
if [ "$me" = adduser ]; then words=DSHu:h:s:g:G:; else words=Sg:; fi
while getopts "$words" o; do
  case $me:$o in
    adduser:D) defaults=1 ;;
    *:S) first=100 system=1 ;;
    adduser:H) make= ;;
    adduser:u) uid=$OPTARG ;;
    adduser:h) home=$OPTARG ;;
    adduser:s) shell=$OPTARG ;;
    adduser:g) gecos=$OPTARG ;;
    adduser:G) group=$OPTARG ;;
    addgroup:g) gid=$OPTARG ;;
    *) refuse "bad option" ;;
  esac
done
shift $((OPTIND - 1))
case $me:$# in
  addgroup:1) echo "$1:x:\${gid:-$(next /etc/group $first)}:" >>/etc/group ;;
  addgroup:2) awk -F: -v OFS=: -v u="$1" -v g="$2" '$1 == g { $4 = $4 ($4 == "" ? "" : ",") u } { print }' /etc/group >/etc/group.new && swap /etc/group ;;
  adduser:1)
    [ -n "$defaults" ] || refuse "would ask for a password"
    [ -z "$system" ] || [ -n "$group" ] || group=nogroup
    : "\${uid:=$(next /etc/passwd $first)}"
    if [ -n "$group" ]; then gid=$(awk -F: -v g="$group" '$1 == g { print $3 }' /etc/group); [ -n "$gid" ] || refuse "no group $group"
    else gid=$uid; echo "$1:x:$gid:" >>/etc/group
    fi
    echo "$1:x:$uid:$gid:$gecos:$home:$shell" >>/etc/passwd
    echo "$1:!:19000:0:99999:7:::" >>/etc/shadow
    [ -z "$make" ] || { mkdir -p "$home" && chown "$uid:$gid" "$home"; } ;;
  deluser:1)
    for f in passwd shadow group; do grep -v "^$1:" /etc/$f >/etc/$f.new; swap /etc/$f; done
    awk -F: -v OFS=: -v u="$1" '{ n = split($4, a, ","); $4 = ""; for (i = 1; i <= n; i++) if (a[i] != u) $4 = $4 ($4 == "" ? "" : ",") a[i]; print }' /etc/group >/etc/group.new && swap /etc/group ;;
  delgroup:1) grep -v "^$1:" /etc/group >/etc/group.new; swap /etc/group ;;
  *) refuse "$# words" ;;
esac
`,
    { mode: 0o755 },
  );
}

import { posix } from "../quote.ts";

/**
 * The tools that change accounts: `hg_accounts` is `shadow` (useradd and its like) or `busybox` (its adduser and addgroup, as on Alpine, which make
 * and remove accounts and add users to groups, and can change nothing else).
 */
export const accountsPrelude = posix`
hg_account_tools() {
  hg_accounts=shadow
  if command -v useradd >/dev/null 2>&1; then return 0; fi
  hg_o=$(command -v adduser) && hg_o=$(readlink -f "$hg_o")
  case $hg_o in */busybox*) hg_accounts=busybox; return 0 ;; esac
  hg_need useradd
}

hg_account_fixed() {
  [ "$hg_accounts" = shadow ] || hg_fail "the tools of this node cannot change $1 of an account that is there: install the package shadow"
}

hg_user_make() {
  hg_name=$1
  set -- -D
  [ -z "$hg_w2" ] || set -- "$@" -u "$hg_w2"
  if [ "$hg_user_system" = 1 ]; then
    if [ -z "$hg_w3" ]; then
      hg_w3=$hg_name
      hg_database group "$hg_name"
      [ -n "$hg_o" ] || hg_try addgroup -S "$hg_name" || return 1
    fi
    set -- "$@" -S -H -s "\${hg_w5:-/sbin/nologin}"
  else
    set -- "$@" -s "\${hg_w5:-/bin/sh}"
  fi
  [ -z "$hg_w3" ] || set -- "$@" -G "$hg_w3"
  hg_try adduser "$@" -h "\${hg_w4:-/home/$hg_name}" -g "$hg_w6" "$hg_name" || return 1
  # Without a password, not locked: an SSH server without PAM lets nobody in whose account is locked.
  hg_e=$(printf '%s:*\n' "$hg_name" | chpasswd -e 2>&1) || { hg_fail "chpasswd failed: $hg_e"; return 1; }
  hg_user_join "$hg_name"
}

hg_user_join() {
  for hg_a in $hg_missing_groups; do hg_try addgroup "$1" "$hg_a" || return 1; done
}
`;

import { posix } from "../quote.ts";

/** Guards of commands that are plain shell text, asked together. */
export const guardsPrelude = posix`
# Texts of guards that need nothing else, in one shell under one time limit, the lowest of theirs. Those without an answer then are run alone. The long
# option is refused by busybox: its timeout leaves a process behind that would hold the pipe until the limit.
hg_guards() {
  hg_list=$1 hg_limit=
  shift
  for k in $hg_list; do
    hg_v=\${k#*:}
    eval "hg_v=\$L_$hg_v"
    [ "\${hg_limit:-$hg_v}" -lt "$hg_v" ] || hg_limit=$hg_v
  done
  hg_o=
  set -- sh -c 'exec 3>&1 >/dev/null 2>&1; for hg do ( exec 3>&-; set --; eval "$hg" ); echo $? >&3; done' sh "$@"
  if hg_guards_helped "$@"; then :
  elif command -v timeout >/dev/null 2>&1; then
    hg_o=$(
      trap - HUP PIPE
      umask 022
      exec 2>/dev/null 4>&- 5>&- 7>&- 8>&-
      exec timeout --kill-after=10 "$hg_limit" "$@"
    )
  fi
  set -- $hg_o
  for k in $hg_list; do
    if [ $# -gt 0 ]; then hg_v=$1; shift; else "hg_guard_\${k%:*}"; hg_v=$?; fi
    k=\${k%:*}
    eval "q_$k=\$hg_v"
  done
}

hg_guards_helped() {
  [ -n "$hg_helper" ] && hg_request run "$hg_limit" "$hg_answers" -- "$@" || return 1
  while hg_answered; do
    case $hg_answer in
      tick) ;;
      no) return 1 ;;
      *)
        while read -r hg_v; do hg_o="$hg_o $hg_v"; done <"$hg_answers"
        return 0
        ;;
    esac
  done
  return 1
}
`;

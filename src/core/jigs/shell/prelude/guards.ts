import { posix } from "../quote.ts";

/** Guards of commands that are plain shell text, asked together. */
export const guardsPrelude = posix`
# A guard that needs nothing but a shell.
hg_judged() {
  if [ -n "$hg_helper" ] && hg_request judged "$hg_guarding" -- "$hg_limit" "$1" && hg_answered && [ "$hg_answer" != no ]; then
    hg_ran_with "$hg_answer"
    return "$hg_code"
  fi
  hg_quiet sh -c "$1"
}

# Several of them. Without a helper in one shell under one time limit, the lowest of theirs; those without an answer then are run alone. The long
# option is refused by busybox: its timeout leaves a process behind that would hold the pipe until the limit.
hg_guards() {
  hg_list=$1 hg_limit= hg_o=
  shift
  if [ -z "$hg_helper" ] && command -v timeout >/dev/null 2>&1; then
    for k in $hg_list; do
      hg_v=\${k#*:}
      eval "hg_v=\$L_$hg_v"
      [ "\${hg_limit:-$hg_v}" -lt "$hg_v" ] || hg_limit=$hg_v
    done
    set -- sh -c 'exec 3>&1 >/dev/null 2>&1; for hg do ( exec 3>&-; set --; eval "$hg" ); echo $? >&3; done' sh "$@"
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
`;

import { posix } from "../quote.ts";
import { helperProgram, requestsOf } from "./helper-program.ts";

/** Stands for the helper's program, which hangs on what the rest of the script asks. */
const program = "%program%";

/**
 * One process that does what small tools do (helper-program.ts): for a script that changes much, where each `mv` or `chmod` would be a program of its own. Where there is no
 * Perl, or a shell's here-documents are no pipes, or the helper declines or dies, tools are called as they always were. `hg_hire` starts it, `hg_ask WORDS` succeeds when it has
 * done what the tool of these words does; descriptor 7 then has what it told besides, 8 is where it is asked. `hg_learn WORD WORDS` asks for variables of the shell. `hg_borrow`
 * takes the one that serves all scripts of a channel, where there is one.
 */
export const helperPrelude = `${posix`
hg_helper= hg_lent=
# That of the receiver that stays (node-shell.ts), on descriptors 7 and 8: it has served other scripts, and says now whether it hears this one.
hg_borrow() {
  hg_helper=\${HG_HELPER:-} hg_answers=$HG_VOLATILE/answers hg_guarding=$HG_VOLATILE/guard
  unset HG_HELPER
  [ -n "$hg_helper" ] || return 1
  hg_lent=1
  if hg_request hello -- "$HG_VOLATILE" "$HG_JOB" "$HG_STATE" "$PATH" && hg_answered && [ "$hg_answer" = "$HG_VOLATILE" ]; then
    [ -d "$HG_VOLATILE" ] || hg_ask mkdir -m 700 -- "$HG_VOLATILE" && return 0
  fi
  hg_dismiss
  return 1
}

hg_hire() {
  ! hg_borrow || return 0
  hg_lent=
  # Settings by which somebody has changed what Perl is.
  [ -z "\${PERL5OPT-}\${PERLIO-}\${PERL_UNICODE-}" ] && command -v perl >/dev/null 2>&1 || return 0
  # A here-document is a pipe that nobody writes to any more; who opens it by its name gets the other end.
  exec 7<<END
hello
END
  exec 9<<END
hello
END
  if [ -p /proc/self/fd/7 ] && [ -p /proc/self/fd/9 ] && { true; } 2>/dev/null 6>/proc/self/fd/7 8>/proc/self/fd/9; then
    exec 6>/proc/self/fd/7 8>/proc/self/fd/9
    perl -e '`}${program}${posix`' "$0" <&9 >&6 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7<&- 8>&- 9<&- &
    exec 6>&-
    hg_helper=$!
    read -r hg_answer <&7
    IFS= read -r hg_answer <&7 && [ "$hg_answer" = hello ] || hg_dismiss
  else
    exec 7<&-
  fi
  exec 9<&-
}

# A daemon that was started meanwhile may keep the pipe open: the helper is told.
hg_dismiss() {
  [ -n "$hg_helper" ] || return 0
  hg_helper=
  [ -n "$hg_lent" ] || printf '\n' 2>/dev/null >&8
  exec 7<&- 8>&-
}

hg_ask() {
  hg_request "$@" && hg_answered && [ "$hg_answer" = done ]
}

# What it tells besides is in a file, as assignments: of a pipe a shell reads each byte by itself.
hg_learn() {
  [ -n "$hg_helper" ] || return 1
  hg_asked=$1
  shift
  hg_ask "$hg_asked" "$hg_answers" -- "$@" && . "$hg_answers"
}

hg_answered() {
  IFS= read -r hg_answer <&7 && return 0
  hg_dismiss
  return 1
}

hg_request() {
  [ -n "$hg_helper" ] || return 1
  hg_ifs=$IFS IFS=$hg_tab
  hg_asked="$*"
  IFS=$hg_ifs
  printf '%s %s\n%s' $# "\${#hg_asked}" "$hg_asked" 2>/dev/null >&8 && return 0
  hg_dismiss
  return 1
}
`}`;

/** A script's functions with the program that answers what all of its functions ask. */
export function withProgram(functions: string, all: string): string {
  return functions.replace(program, () => helperProgram(requestsOf(all)));
}

/**
 * Shell texts by which a receiver has a helper (src/core/jigs/shell/prelude/helper-program.ts) and asks it. As in node-shell.ts they hold neither single quotes nor
 * line breaks.
 */

/** How a helper is known among other processes. */
export const helperName = "halligan-helper";

/** So long a helper waits for the next request, in s: a connection may stay open for days. */
const patienceSeconds = 60;

/** There is no helper yet; `q WORDS` succeeds when there is one (H) and it has done what these words say. Q is its answer, empty where there was none. */
export const asking =
  `H= HG_HELPER=; q() { Q=; [ -n "$H" ] || return 1; I=$IFS; IFS=$T; Q="$*"; IFS=$I; printf "%s %s\\n%s" $# \${#Q} "$Q" >&8 || { Q=; return 1; }; ` +
  `IFS= read -r Q <&7 && [ "$Q" = done ]; } 2>/dev/null`;

/** Reads the program, N bytes, from the channel (descriptor 5) and becomes it. What is read is counted, so that nothing is taken from what follows. */
const start = `open(C,q(<&=5)); my \\$p=q(); while(length(\\$p)<$N){sysread(C,\\$p,$N-length(\\$p),length(\\$p)) or exit} eval(\\$p)`;

/**
 * Starts the helper, whose program comes on the channel, for all scripts that follow: they find it on descriptors 7 and 8. Sets H to its process. Where it cannot be, scripts see to
 * themselves. The two pipes are here-documents, as in scripts; IFS begins with a space and a tab (T), and its third character is a line break.
 */
export const hire =
  `n=\${IFS#??}; T=\${IFS#?}; T=\${T%?}; if [ \${#n} = 1 ] && [ -z "\${PERL5OPT-}\${PERLIO-}\${PERL_UNICODE-}" ] && command -v perl >/dev/null 2>&1 && ` +
  `eval "exec 7<<E\${n}hello\${n}E\${n}exec 9<<E\${n}hello\${n}E\${n}" && [ -p /proc/self/fd/7 ] && [ -p /proc/self/fd/9 ] && { true; } 2>/dev/null 6>/proc/self/fd/7 8>/proc/self/fd/9; then ` +
  `exec 5<&0 6>/proc/self/fd/7 8>/proc/self/fd/9; { trap "" HUP PIPE; unset CDPATH ENV BASH_ENV; exec perl -e "${start}" ${helperName} ${patienceSeconds}; } <&9 >&6 2>/dev/null 6>&- 7<&- 8>&- 9<&- & ` +
  `H=$!; exec 5<&- 6>&- 9<&-; read -r a <&7; IFS= read -r a <&7 && [ "$a" = hello ] || { H=; exec 7<&- 8>&-; }; else head -c $N >/dev/null; fi; :`;

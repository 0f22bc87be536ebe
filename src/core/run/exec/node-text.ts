/**
 * Shell texts that `exec` runs on nodes. As in remote/node-shell.ts they hold no single quote and no line break.
 */

/**
 * Root becomes the user $hg_u. setpriv of util-linux is tried first: su would put the command into a session of its own, in which only its
 * shell would be ended. Where there is no such setpriv (busybox has another) it is su.
 */
const becomeUser =
  `hg_p="setpriv --reuid=$hg_u --regid=$(id -g $hg_u) --init-groups --reset-env"; ` +
  `if $hg_p true </dev/null >/dev/null 2>&1; then exec $hg_p /bin/sh -c "$hg_t"; else exec su -s /bin/sh $hg_u -c "$hg_t"; fi`;

/**
 * Reads the header (which drops a sudo password that nobody asked for) and the command's lines, says on both outputs that the command begins
 * and in which session it runs, and becomes it. What is left on stdin is the command's own. Variables are not exported.
 */
export const execReceiver =
  `while IFS= read -r hg_l; do case $hg_l in HALLIGAN/1\\ *) break;; esac; done; set -- $hg_l; hg_c=$3; hg_u=$4; hg_b=$(printf "\\n."); hg_b=\${hg_b%.}; hg_t=; ` +
  `while [ \${hg_c:-0} -gt 0 ]; do IFS= read -r hg_l || exit 74; hg_t="$hg_t$hg_l$hg_b"; hg_c=$((hg_c-1)); done; ` +
  `hg_s=0; if read -r hg_l </proc/$$/stat; then hg_l=\${hg_l##*) }; set -- $hg_l; hg_s=$4; fi 2>/dev/null; ` +
  `printf "\\nHALLIGAN/1 exec 0\\n" >&2; printf "\\nHALLIGAN/1 exec %s\\n" $hg_s; ` +
  `[ $hg_u = - ] || [ "$(id -un)" = $hg_u ] || { ${becomeUser}; }; exec /bin/sh -c "$hg_t"`;

/** What goes to the receiver's stdin before the command's own input. `user` is a checked user name, if root shall become it. */
export function execHeader(command: string, user: string | undefined): Uint8Array {
  const lines = command.split("\n");
  return Buffer.from(`HALLIGAN/1 exec ${lines.length} ${user ?? "-"}\n${command}\n`, "utf8");
}

/** The line that both outputs begin with, behind whatever the login shell printed. */
export const beginning = /^HALLIGAN\/1 exec (\d+)$/u;

/** Passes over the processes of a session that is being killed, a tenth of a second apart: what begins anew for longer is told as not gone. */
const mostPasses = 40;

/**
 * Signals everything in a session, but not what holds the session itself: a server that gives no session to each command, and sudo, which
 * would only hand on what its command gets anyway. KILL goes on until nothing is left: a shell that loses its command before its own turn
 * comes has started the next one meanwhile.
 */
export function endSession(session: number, signal: "TERM" | "KILL"): string {
  return (
    `i=${signal === "KILL" ? mostPasses : 1}; while [ $i -gt 0 ]; do i=$((i-1)); n=0; ` +
    `for q in /proc/[0-9]*; do q=\${q#/proc/}; [ $q = $$ ] && continue; { read -r t </proc/$q/stat; } 2>/dev/null || continue; t=\${t##*) }; set -- $t; [ "$4" = ${session} ] && [ $1 != Z ] || continue; ` +
    `read -r t </proc/$q/comm 2>/dev/null; case $t in sudo|sshd*|dropbear) continue;; esac; kill -${signal} $q 2>/dev/null && n=1; done; [ $n = 1 ] || break; [ $i = 0 ] || sleep 0.1 2>/dev/null || sleep 1; done`
  );
}

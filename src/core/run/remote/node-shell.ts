/**
 * Shell texts that the engine runs on nodes around a job: receiver, attach, cancel, clean-up, cache. They hold no single quote, so that
 * the login shell, whatever it is, sees one plainly quoted word; and no line break, since csh refuses one inside quotes.
 * docs/protocol.md, "Node side", describes the folders and the conversation.
 */

import { asking, helperName, hire } from "./node-helper.ts";

/** A job as the node knows it. */
export interface JobRef {
  readonly name: string;
  /** Names the store: tokens of different stores are not compared. */
  readonly scope: string;
  /** As `fenceText` writes it. */
  readonly fence: string;
}

/** A fencing token as nodes compare it: the engine's, and behind a dot the turn of the process that works for it on this node, if there are several. */
export function fenceText({ token, turn }: { readonly token: number; readonly turn: number }): string {
  return turn === 0 ? String(token) : `${token}.${turn}`;
}

/** Exit codes of these texts (75..81 are outside of what `sh` and `sudo` use themselves). */
export const nodeExit = {
  noSpace: 73,
  cut: 74,
  fenced: 75,
  exists: 76,
  gone: 77,
  absent: 78,
  busy: 79,
  goingDown: 80,
  rebooted: 81,
} as const;

/** Sets S (state folder, which only what keeps something makes) and V (volatile folder) for whoever runs it. */
const places = [
  `umask 077`,
  `export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\${PATH:+:$PATH}`,
  `while read -r k a u b; do case $k in Uid:) break;; esac; done </proc/$$/status`,
  `if [ $u = 0 ]; then S=/var/lib/halligan; V=/run/halligan; else S=$HOME/.halligan; V=\${XDG_RUNTIME_DIR:-/run/user/$u}/halligan; fi`,
].join("; ");

/** Makes the volatile folder, as `make` does it. One that cannot be made falls back to the next best. */
const volatileBy = (make: string): string =>
  `if [ -d "$V" ] || ${make}mkdir "$V" 2>/dev/null; then :; else V=/dev/shm/halligan-$u; mkdir -p "$V" 2>/dev/null && [ -O "$V" ] || V="$S/volatile"; fi; ` +
  `[ -d "$V" ] || mkdir -p "$V" 2>/dev/null`;

/** The places, and a volatile folder. */
const folders = `${places}; ${volatileBy("")}`;

/** Reads lines up to the header, so that a sudo password nobody asked for is dropped; then J job, C scope, F fence token, N bytes. */
const header = `l=; while IFS= read -r l; do case $l in HALLIGAN/1\\ *) break;; esac; done; set -- $l; J=$2; C=$3; F=$4; N=$5; [ $# = 5 ] || { echo HALLIGAN/1 none cut; exit 74; }`;

/** Copies the script into the volatile folder, as a helper or `copy` does it, and compares its size, which both say where all went well. */
const scriptBy = (copy: string): string =>
  `D="$V/$J"; q mkdir -m 700 -- "$D" || mkdir "$D" 2>/dev/null || { D="$V/$J.$$"; mkdir "$D"; } || { echo HALLIGAN/1 $J nospace; exit 73; }; ` +
  `q take -- "$D/script" $N; set -- $Q; case $1 in done) n=$N; e=;; took) n=$2; shift 2; e=$*;; *) ${copy}; set -- $e; case $8 in byte*) n=$7; e=;; *) n=$(wc -c <"$D/script");; esac;; esac; ` +
  `if [ \${n:-0} -ne $N ]; then rm -rf "$D"; if [ -n "$e" ]; then echo HALLIGAN/1 $J nospace $e; exit 73; fi; echo HALLIGAN/1 $J cut $n; exit 74; fi`;

/** The rest of the input is the script. */
const script = scriptBy(`e=$(exec 2>&1; exec dd bs=65536 of="$D/script")`);

/** So many bytes of the input are the script, and more may follow. A `dd` that cannot count bytes has read none of them. */
const countedScript = scriptBy(
  `e=$(exec 2>&1; exec dd bs=65536 iflag=fullblock,count_bytes count=$N of="$D/script"); [ -e "$D/script" ] || e=$(exec 2>&1; exec head -c $N >"$D/script")`,
);

/**
 * Compares the fencing token F (`TOKEN`, or `TOKEN.TURN` where several processes work for one engine) with the highest that the node has seen, and keeps it
 * when it is higher. `refuse` is run where it is lower, `unkept` where ours is higher and cannot be kept; why not stands in file `words` then. Uses a b (ours), f g h (the node's).
 */
const fence = (refuse: string, words: string, unkept: string): string =>
  `[ -d "$S/jobs" ] || { q mkdir -m 700 -- "$S"; q mkdir -m 700 -- "$S/jobs" && q mkdir -m 700 -- "$S/active" && q mkdir -m 700 -- "$S/originals"; } || mkdir -p "$S/jobs" "$S/active" "$S/originals" 2>/dev/null; h=0; [ -r "$S/fence-$C" ] && read -r h <"$S/fence-$C"; f=\${h%%.*}; g=0; case $h in *.*) g=\${h#*.};; esac; a=\${F%%.*}; b=0; case $F in *.*) b=\${F#*.};; esac; ` +
  `if [ $a -lt $f ] || { [ $a = $f ] && [ $b -lt $g ]; }; then ${refuse}echo HALLIGAN/1 $J fenced $h; exit 75; fi; ` +
  `if [ $F != $h ]; then if { echo $F >"$S/fence-$C.$$" && { q mv -f -- "$S/fence-$C.$$" "$S/fence-$C" || mv "$S/fence-$C.$$" "$S/fence-$C"; }; } 2>${words}; then :; else rm -f "$S/fence-$C.$$"; ${unkept}fi; fi`;

/** Ends with what the system said, in `$D/error`, of why something could not be written. */
const noSpace = `read -r e <"$D/error"; rm -rf "$D"; echo HALLIGAN/1 $J nospace $e; exit 73`;

/** Without a kept token nothing may start: who came later could not be told from who came before. */
const fenceScript = fence(`rm -rf "$D"; `, `"$D/error"`, `${noSpace}; `);

/**
 * Who came later writes its token before it looks for the job folder; who claimed that folder looks at the token once more. So one of the two sees the
 * other, however long lay between the first look and the claim.
 */
const stillOurs = `h=$F; [ -r "$S/fence-$C" ] && read -r h <"$S/fence-$C"; if [ $h != $F ]; then rm -rf "$D" "$S/jobs/$J"; echo HALLIGAN/1 $J fenced $h; exit 75; fi`;

/** Sets A=1 while the process of the job in folder `at` lives: same pid, start time and boot. */
const alive = (at: string): string =>
  `A=0; if [ -r "${at}/pid" ]; then read -r p s b <"${at}/pid"; read -r c </proc/sys/kernel/random/boot_id; if [ "$b" = "$c" ] && [ -r /proc/$p/stat ]; then read -r t </proc/$p/stat; t=\${t##*) }; set -- $t; shift 19; [ $1 = $s ] && A=1; fi; fi`;

/** Another job that goes on here, of a run that let go of it: two at once could undo each other. One that has ended may still tidy up. */
const alone = `for k in "$S"/jobs/*; do [ "$k" = "$S/jobs/$J" ] || [ -e "$k/ended" ] && continue; ${alive("$k")}; if [ $A = 1 ]; then rm -rf "$D"; echo HALLIGAN/1 $J busy \${k##*/}; exit 79; fi; done`;

const claim =
  `[ -d "$S/jobs" ] || mkdir -p "$S/jobs" 2>/dev/null; if q mkdir -m 700 -- "$S/jobs/$J" || mkdir "$S/jobs/$J" 2>"$D/error"; then :; elif [ -d "$S/jobs/$J" ]; then rm -rf "$D"; echo HALLIGAN/1 $J exists; exit 76; ` +
  `else ${noSpace}; fi`;

/** Sets k=1 while this process is in the scope of a login session. */
const inSession = `k=; while read -r t; do case $t in */session-*.scope) k=1;; esac; done </proc/self/cgroup`;

/**
 * logind with `KillUserProcesses=yes` ends everything in a login session's scope when the session ends, jobs too. Then the job, and the sudo
 * processes and the receiver that stays above it with its helper (H), move to a scope of their own, before the script runs: systemd moves them some time after it has said that it will, and what is
 * started before that stays behind. Where it fails the job stays where it is.
 */
const leaveSession =
  `${inSession}; c=/systemd/logind.conf; ` +
  `if [ "$k" = 1 ] && grep -Eqsi "^[[:space:]]*KillUserProcesses[[:space:]]*=[[:space:]]*(1|y|t|on)" /etc$c /etc$c.d/*.conf /run$c.d/*.conf /usr/lib$c /usr/lib$c.d/*.conf; then ` +
  `q=$$; P=$p; n=1; [ $p = $$ ] || { P="$p $$"; n=2; }; while read -r t </proc/$q/stat; do t=\${t##*) }; set -- $t; q=$2; read -r t </proc/$q/comm; [ "$t" = sudo ] || break; P="$P $q"; n=$((n+1)); done 2>/dev/null; ` +
  `[ -n "$H" ] && { read -r t </proc/$H/stat; } 2>/dev/null && { t=\${t##*) }; set -- $t; [ $2 = $$ ] && { P="$P $H"; n=$((n+1)); }; }; ` +
  `b=--system; [ $u = 0 ] || b=--user; busctl $b --quiet --timeout=3 call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit "ssa(sv)a(sa(sv))" halligan-$$.scope fail 1 PIDs au $n $P 0 >/dev/null 2>&1 && ` +
  `{ n=0; while ${inSession}; [ "$k" = 1 ] && [ $n -lt 60 ]; do sleep 0.05 2>/dev/null || { sleep 1; n=$((n+20)); }; n=$((n+1)); done; }; fi`;

/** Sets p, `$1` and b to this process, its start time and boot. (`$$` is the shell above where this is a subshell.) */
const ownPid = `read -r p t </proc/self/stat; t=\${t##*) }; set -- $t; shift 19; read -r b </proc/sys/kernel/random/boot_id`;

/** Says whose the job is. Who cannot say it (`undo` gives back what it claimed) does not begin: nobody could see that it goes on. */
const identity = (undo: string): string => `${ownPid}; { echo $p $1 $b >"$S/jobs/$J/pid"; } 2>"$D/error" || { ${undo}; ${noSpace}; }`;

/** Becomes a check script, which prints its frames on the channel (no limit holds here: nothing is lost when it blocks) and leaves nothing behind. */
export const checkReceiver = `${asking}; ${folders}; ${header}; ${script}; export HG_JOB="$D" HG_VOLATILE="$D" HG_STATE="$S" HG_CHANNEL=only; echo HALLIGAN/1 $J started; exec /bin/sh "$D/script" </dev/null`;

/**
 * Becomes a check script of text alone, without a file or a folder: for what only looks, half of the processes that a look takes would be those that
 * deliver it. A shell reads it from the pipe as it comes; where standard input is no pipe, or one that cannot be opened again (another user's), it is read whole. A script
 * that was cut defines functions and calls none; its missing end is the engine's to see.
 */
export const lookReceiver =
  `${folders}; ${header}; export HG_JOB="$V/$J.$$" HG_VOLATILE="$V/$J.$$" HG_STATE="$S" HG_CHANNEL=text; echo HALLIGAN/1 $J started; i=/proc/self/fd/0; ` +
  `if [ -p $i ] && { true <$i; } 2>/dev/null; then . $i; else i=$(cat); eval "$i"; fi`;

/** Of what is no job and goes on when its connection is gone: its pid lies beside the script. */
const ownIdentity = `${ownPid}; echo $p $1 $b >"$D/pid"`;

/** Becomes the script of a proof. It goes on when the connection is gone, so that it takes back what it made. */
export const proofReceiver = `trap : HUP PIPE; ${asking}; ${folders}; ${header}; ${script}; ${ownIdentity}; ${leaveSession}; export HG_JOB="$D" HG_VOLATILE="$D" HG_STATE="$S" HG_CHANNEL=only; echo HALLIGAN/1 $J started; exec /bin/sh "$D/script" </dev/null`;

/** From the script that has arrived to the script that runs. */
const started = `${fenceScript}; ${alone}; ${claim}; ${identity(`rm -rf "$S/jobs/$J"`)}; ${stillOurs}; ${leaveSession}; export HG_JOB="$S/jobs/$J" HG_VOLATILE="$D" HG_STATE="$S" HG_CHANNEL=1 HG_HELPER=$H; echo HALLIGAN/1 $J started 2>/dev/null; exec /bin/sh "$D/script" </dev/null`;

/**
 * Starts a job at most once: the job folder is made by \`mkdir\`, which only one caller can win. Once it is claimed nothing may end the receiver
 * before the script runs, an engine that is gone neither: PIPE and HUP have a handler, which \`exec\` takes away again.
 */
export const jobReceiver = `trap : HUP PIPE; ${asking}; ${folders}; ${header}; ${script}; ${started}`;

/** What a receiver that stays does for a look: its script is text, and comes through the pipe. Shells that read a script to its end before they run it get it whole. */
const standingLook =
  `export HG_JOB="$V/$J.$$" HG_VOLATILE="$V/$J.$$" HG_STATE="$S" HG_CHANNEL=text HG_HELPER=$H; echo HALLIGAN/1 $J started; i=/proc/self/fd/0; ` +
  `if [ -z "\${BASH_VERSION-}\${KSH_VERSION-}\${ZSH_VERSION-}\${YASH_VERSION-}" ] && [ -p $i ] && { true <$i; } 2>/dev/null; then . $i; else i=$(head -c $N); eval "$i"; fi`;

/**
 * Stays, and carries out one script after another: looks (whose store is `check`) and jobs, each in a process of its own, and a helper for all of them (store `helper`), which comes first. It goes on only where a script has ended
 * by itself and the engine has heard all of it; else the channel ends, and what there is to know stands in the job's log. Its input is empty between scripts, so that it does not matter
 * whether who reads one takes more than its bytes.
 */
export const standingReceiver =
  `trap : HUP PIPE; ${asking}; ${places}; while l=; do while IFS= read -r l; do case $l in HALLIGAN/1\\ *) break;; esac; done; set -- $l; J=$2; C=$3; F=$4; N=$5; [ $# = 5 ] || { [ -z "$l" ] && exit 0; exit 74; }; ` +
  `case $C in helper) ${hire};; *) ${volatileBy(`q mkdir -m 700 -- "$V" || `)}; ` +
  `case $C in check) ( ${standingLook} );; *) ( trap : HUP PIPE; ${countedScript}; ${started} );; esac || exit;; esac; done`;

/**
 * Goes on with a job whose script rebooted the node. At most once: \`reboot\` can be renamed by one caller only. `offset` is where the log's last
 * whole frame ends.
 */
export function resumeReceiver(offset: number): string {
  const claimed = `if mv "$S/jobs/$J/reboot" "$S/jobs/$J/resumed" 2>/dev/null; then :; else rm -rf "$D"; echo HALLIGAN/1 $J exists; exit 76; fi`;
  return `trap : HUP PIPE; ${asking}; ${folders}; ${header}; ${script}; ${fenceScript}; ${alone}; ${claimed}; ${identity(`mv "$S/jobs/$J/resumed" "$S/jobs/$J/reboot"`)}; ${leaveSession}; export HG_JOB="$S/jobs/$J" HG_VOLATILE="$D" HG_STATE="$S" HG_CHANNEL=1 HG_RESUME=${offset}; echo HALLIGAN/1 $J started 2>/dev/null; exec /bin/sh "$D/script" </dev/null`;
}

/**
 * Refuses an old fencing token, like a receiver: whoever attaches after others have begun to work for the engine shall know it before they act. Then
 * prints the log from `offset` on until the job is gone; its script and secrets then go too. With `confirm`, the step of that index hears that
 * the node was reached; whoever makes the folder `verdict` first, this or the node's own watch that takes the change back, has decided. Ends with exit code 0 (done was logged or not: the
 * frames tell), 77 when the process is gone, 78 when there is no such job, 80 when it is gone because the node goes down for the reboot that
 * the job asked for, 81 when that is over.
 */
export function attachCommand({ name: job, scope, fence: token }: JobRef, offset: number, confirm?: number): string {
  const told = confirm === undefined ? "" : `mkdir "$D/verdict.${confirm}" 2>/dev/null && : >"$D/confirmed.${confirm}"; `;
  return (
    `${asking}; ${folders}; J=${job}; C=${scope}; F=${token}; ${fence("", "/dev/null", "")}; D="$S/jobs/${job}"; if [ ! -d "$D" ]; then echo HALLIGAN/1 ${job} absent; exit 78; fi; ${told}echo HALLIGAN/1 ${job} attached; o=${offset}; ` +
    `while :; do ${alive("$D")}; n=0; [ -f "$D/log" ] && n=$(wc -c <"$D/log"); if [ $n -gt $o ]; then tail -c +$((o+1)) "$D/log" | head -c $((n-o)) || exit 1; o=$n; ` +
    `elif [ $A = 0 ]; then rm -rf "$V/${job}" "$V/${job}".[0-9]*; [ -f "$D/reboot" ] || exit 77; read -r i k t b <"$D/reboot"; [ "$b" = "$c" ] && exit 80; exit 81; else sleep 0.2 2>/dev/null || sleep 1; fi; done`
  );
}

/**
 * Asks the job to stop after its current step; with `now` also ends what its steps run in the job's session: TERM, and KILL after 10 s. Spared
 * are the script with its own subshells, which report how the step ended, and sudo above it, which would hand the signal on to the script.
 */
export function cancelCommand(job: string, now: boolean): string {
  const make = `${folders}; D="$S/jobs/${job}"; [ -d "$D" ] || exit 78; : >"$D/cancel"`;
  if (!now) return make;
  const tell = (signal: string): string => tellSession(job, signal);
  return `${make}; ${alive("$D")}; [ $A = 1 ] || exit 77; ${ownSession}; ${tell("TERM")}; i=0; while [ $i -lt 10 ]; do ${alive("$D")}; [ $A = 1 ] || exit 0; sleep 1; i=$((i+1)); done; ${tell("KILL")}`;
}

/** Sets z to the session of the process p, and x to its parent. */
const ownSession = `read -r t </proc/$p/stat; t=\${t##*) }; set -- $t; x=$2; z=$4`;

/** Signals what a script (of process p, in session z) runs, but not its own shells, nor a receiver that stays (x) and its helper; `unless` ends it early. */
function tellSession(name: string, signal: string, unless = ""): string {
  return `for q in /proc/[0-9]*; do q=\${q#/proc/}; case $q in $p|$x|$$) continue;; esac; { read -r t </proc/$q/stat; } 2>/dev/null || continue; t=\${t##*) }; set -- $t; [ "$4" = $z ] || continue; read -r t </proc/$q/comm; [ "$t" = sudo ] && continue; grep -qsa -e "/${name}[.0-9]*/script" -e ${helperName} /proc/$q/cmdline && continue; ${unless}kill -${signal} $q 2>/dev/null; done`;
}

/**
 * Ends what a proof is at, so that it goes on to its cleanup, which is left alone. Who does not listen to TERM gets KILL from `timeout`, under
 * which all commands of steps run.
 */
export function cancelProof(name: string): string {
  return `${folders}; D="$V/${name}"; [ -d "$D" ] || exit 78; : >"$D/cancel"; ${alive("$D")}; [ $A = 1 ] || exit 77; ${ownSession}; ${tellSession(name, "TERM", `[ -e "$D/cleaning" ] && exit 0; `)}`;
}

/**
 * Removes job folders that were read to their end, and those that earlier runs of the same store could not remove: their nodes were slow or away. A run
 * begins only when the one before has ended, so nobody asks for them any more; jobs that still go on are spared, and those of later runs: who cleans may have been frozen since. With `leave`, Halligan leaves the machine when nothing of it is at work there any more: no job,
 * and no role of any cluster that made something (`active`). Then both folders go, with contents, stamps and originals that nobody needs.
 */
export function cleanCommand(jobs: readonly string[], leave = false): string {
  const [scope, run] = jobs[0]?.split(".") ?? [];
  const earlier = `for k in ${scope}.R-*; do [ -d "$k" ] || continue; n=\${k#*.R-}; [ "\${n%%.*}" -lt ${run?.slice(2)} ] 2>/dev/null || continue; ${alive("$k")}; [ $A = 1 ] || rm -rf "$k"; done`;
  const clean = `${folders}; cd "$S/jobs" 2>/dev/null || exit 0; for k in ${jobs.join(" ")}; do [ -n "\${H-}" ] && q clear -- "$S/jobs/$k" || rm -rf $k; done; ${earlier}`;
  if (!leave) return clean;
  return `${clean}; cd /; for k in "$S"/jobs/* "$S"/active/*; do [ -e "$k" ] && exit 0; done; rmdir "$S/jobs" && rm -rf "$S"; rmdir "$V" 2>/dev/null; exit 0`;
}

/** Takes a file from stdin into the content cache, under its digest (64 hex digits); does nothing when it is there already. */
export function cacheCommand(hex: string): string {
  return (
    `${folders}; ${header}; c="$S/cache"; mkdir -p "$c" || exit 73; t="$c/sha256-${hex}"; if [ -f "$t" ]; then cat >/dev/null; echo HALLIGAN/1 $J cached; exit 0; fi; ` +
    `cat >"$t.$$" || { rm -f "$t.$$"; echo HALLIGAN/1 $J nospace; exit 73; }; d=$(sha256sum "$t.$$"); d=\${d%% *}; ` +
    `if [ $d = ${hex} ]; then mv "$t.$$" "$t"; echo HALLIGAN/1 $J cached; else rm -f "$t.$$"; echo HALLIGAN/1 $J cut; exit 74; fi`
  );
}

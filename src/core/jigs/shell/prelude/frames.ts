import { posix } from "../quote.ts";

/** Start of every script: settings, frames, time. `hg_put` keeps log and channel the same up to the channel's limit. */
export const framesPrelude = posix`
set -f
umask 077
PATH=\${PATH:-/usr/local/bin:/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
trap '' HUP PIPE
hg_nl='
'
hg_space=' 	
'
IFS=$hg_space
hg_tab='	'
unset CDPATH ENV BASH_ENV
hg_ticker= hg_hold= hg_late= hg_unheard=0

hg_start() {
  hg_channel=\${HG_CHANNEL:-0} hg_sent=0 hg_length=\${HG_RESUME:-0} hg_unsent=
  [ "$hg_length" = 0 ] || dd if=/dev/null of="$HG_JOB/log" bs=1 seek="$hg_length" 2>/dev/null
  case $hg_channel in
    text)
      hg_channel=only
      exec 3>&1 4>/dev/null </dev/null >/dev/null 2>&1
      ;;
    only) exec 3>&1 4>/dev/null </dev/null >/dev/null 2>>"$HG_JOB/trouble" ;;
    *) exec 3>>"$HG_JOB/log" 4>&1 </dev/null >/dev/null 2>>"$HG_JOB/trouble" ;;
  esac
  read -r hg_me hg_s </proc/self/stat
  read -r hg_boot </proc/sys/kernel/random/boot_id
  hg_s=\${hg_s##*) }
  while read -r hg_a hg_b hg_c; do
    case $hg_a in Uid:) hg_euid=\${hg_c%%"$hg_tab"*}; break ;; esac
  done </proc/self/status
  hg_euid=\${hg_euid%% *}
  set -- $hg_s
  hg_frame "hello $hg_me \${20} $hg_boot $3 $4" ''
  case $hg_mode:$hg_channel in
    check:[01]) ;;
    *) trap hg_leave EXIT ;;
  esac
}

# A subshell of bash that is killed right after its fork still has this trap: only the script itself, which may be a subshell too, may tidy up.
hg_leave() {
  read -r hg_s hg_a </proc/self/stat
  [ "$hg_s" = "$hg_me" ] || return 0
  hg_flush
  hg_untick
  [ ! -d "$HG_VOLATILE" ] || hg_ask clear -- "$HG_VOLATILE" || rm -rf -- "$HG_VOLATILE"
  hg_dismiss
}

# A look that keeps nothing in files needs no folder for them.
hg_volatile() {
  [ -d "$HG_VOLATILE" ] || mkdir "$HG_VOLATILE" 2>/dev/null || mkdir -p "$HG_VOLATILE"
}

hg_frame() {
  hg_put "@ $1 \${#2}
$2
"
}

# Without a log, nobody reads before the end: many small writes would each wake the SSH server and the engine.
hg_flush() {
  [ -z "$hg_unsent" ] || printf %s "$hg_unsent" >&3 || :
  hg_unsent=
}

hg_put() {
  if [ "$hg_channel" = only ]; then
    hg_unsent=$hg_unsent$1
    [ \${#hg_unsent} -lt 16384 ] || hg_flush
    return 0
  fi
  printf %s "$1" >&3 || hg_log_full "$1"
  hg_length=$((hg_length + \${#1}))
  [ "$hg_channel" = 1 ] || return 0
  hg_sent=$((hg_sent + \${#1}))
  if [ "$hg_sent" -gt 49152 ]; then
    hg_speak
    hg_hush
    return 0
  fi
  hg_late=$hg_late$1
  [ -n "$hg_hold" ] || hg_speak
}

# What the log has already and the channel has not: held back in a batch, whose steps take no time to speak of, since each write wakes the SSH server and the engine.
hg_speak() {
  [ -z "$hg_late" ] || printf %s "$hg_late" >&4 2>/dev/null || hg_hush
  hg_late=
}

hg_hush() {
  hg_channel=0 hg_unheard=1
}

# Ends the clock of commands where none may come for a while.
hg_untick() {
  [ -n "$hg_ticker" ] || return 0
  kill "$hg_ticker" 2>/dev/null
  wait "$hg_ticker" 2>/dev/null
  hg_ticker=
}

hg_frame_file() {
  hg_size=$(wc -c <"$2") || hg_size=0
  hg_size=$((hg_size))
  hg_put "@ $1 $hg_size
"
  hg_flush
  cat <"$2" >&3 || hg_log_full_file "$2" "$hg_size"
  hg_length=$((hg_length + hg_size))
  if [ "$hg_channel" = 1 ]; then
    hg_sent=$((hg_sent + hg_size))
    hg_speak
    if [ "$hg_sent" -gt 49152 ]; then
      hg_hush
    else
      cat <"$2" >&4 2>/dev/null || hg_hush
    fi
  fi
  hg_put "$hg_nl"
}

hg_reserve() {
  [ ! -e "$HG_JOB/reserve" ] || return 0
  hg_v=0123456789abcdef
  while [ \${#hg_v} -lt 65536 ]; do hg_v=$hg_v$hg_v; done
  printf %s "$hg_v" >"$HG_JOB/reserve" && return 0
  rm -f -- "$HG_JOB/reserve"
  hg_fail "the disk of $HG_JOB has no room for saying what becomes of it; nothing was changed by this step"
}

# Keeps what tells that something was done, empty or with a text: without it that would be done again. Where there is no room for it, what was put by for the log makes some.
hg_keep() {
  printf %s "\${2-}" >"$1" || { rm -f -- "$HG_JOB/reserve"; printf %s "\${2-}" >"$1"; }
}

hg_log_full() {
  hg_log_cut
  printf %s "$1" >&3 || :
}

hg_log_full_file() {
  hg_log_cut
  cat <"$1" >&3 || head -c "$2" /dev/zero >&3 || :
}

hg_log_cut() {
  rm -f "$HG_JOB/reserve"
  dd if=/dev/null of="$HG_JOB/log" bs=1 seek="$hg_length" 2>/dev/null || :
}

hg_clock() {
  read -r hg_a hg_b </proc/uptime
  hg_now=$((\${hg_a%.*} * 1000 + (1\${hg_a#*.} - 100) * 10))
}

# Who has ended and only tidies up keeps nobody from the node; said first, so that who reads of the end can rely on it. A receiver that stays learns whether the engine has heard all of it.
hg_done() {
  hg_hold=
  case $hg_channel in [01]) true >"$HG_JOB/ended" || : ;; esac
  hg_frame "done $1" "$2"
  exit $hg_unheard
}

hg_fail() {
  [ -n "$hg_error" ] || hg_error=$1
  return 1
}

hg_words() {
  case $1 in
    *'No space left on device'*) hg_w="the disk is full" ;;
    *'Disk quota exceeded'*) hg_w="the disk quota is used up" ;;
    *'Read-only file system'*) hg_w="the file system is read-only" ;;
    *'Permission denied'* | *'Operation not permitted'*) hg_w="not permitted for this user" ;;
    *'Too many open files'*) hg_w="too many open files" ;;
    *'File name too long'*) hg_w="the name is too long" ;;
    *) hg_w= ;;
  esac
  if [ -n "$hg_w" ]; then hg_w="$hg_w ($1)"; else hg_w=\${1:-no message}; fi
}

hg_need() {
  for hg_a in "$@"; do
    command -v "$hg_a" >/dev/null 2>&1 || { hg_fail "the tool '$hg_a' is missing on this node"; return 1; }
  done
}

hg_none() {
  hg_change=none hg_observed=$1
}

hg_want() {
  hg_change=$1 hg_observed=$2
}

# A step that cannot be done, whatever comes: told by a check, unless an earlier step of the node-role may change that.
hg_refuse() {
  hg_want change "$2"
  hg_refused=$1
}

hg_diff() {
  [ "$2" = "$3" ] || hg_diffs="$hg_diffs$1: $2 -> $3$hg_nl"
}

hg_try() {
  case $1 in mv | rm | ln | chmod | chown | mkdir | install) hg_ask "$@" && return 0 ;; esac
  hg_e=$("$@" 2>&1 >/dev/null) && return 0
  hg_words "$hg_e"
  hg_fail "$1 failed: $hg_w"
}
`;

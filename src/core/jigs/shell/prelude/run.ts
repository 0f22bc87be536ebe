import { posix } from "../quote.ts";

/**
 * Running of foreign commands. `hg_run ARGV...` streams both outputs as `out` frames while the command runs: `dd` takes the first 448 KiB into a
 * file (bounded by ulimit), `tail` keeps the last 64 KiB of the rest. The main shell sleeps on a fifo that gets `x CODE` (command ended), `e`
 * (no more output) and `t` (time to look). Daemons that keep the pipe open are waited for 2 s; what they print later is drained and dropped.
 * The reader's file is unlinked with the volatile folder. Children get default HUP and PIPE; dash and
 * ash leave INT and QUIT ignored in what they start in the background, which `env --default-signal` (coreutils 8.31) mends where it is there.
 */
export const runPrelude = posix`
hg_run_setup() {
  [ -z "\${hg_fifo:-}" ] || return 0
  hg_need timeout mkfifo dd tail || return 1
  hg_fifo=$HG_VOLATILE/fifo
  [ ! -e "$hg_fifo" ] || rm -f -- "$hg_fifo"
  hg_signals=
  if env --default-signal=INT mkfifo "$hg_fifo" 2>/dev/null; then hg_signals="env --default-signal=HUP,INT,QUIT,PIPE"
  else mkfifo "$hg_fifo" || { hg_fail "no fifo could be made in $HG_VOLATILE"; return 1; }
  fi
  exec 5<>"$hg_fifo"
}

hg_pre=: hg_capture= hg_runs=0

hg_child() {
  trap - HUP PIPE
  umask 022
  $hg_pre || exit 126
  if [ -n "$hg_capture" ]; then
    exec 6>&1
    { timeout -k 10 "$hg_limit" $hg_signals "$@" 2>&6 6>&-; printf %s $? >"$hg_capture.rc"; } | { head -c 65537 >"$hg_capture"; exec cat >/dev/null; }
    read -r hg_rc <"$hg_capture.rc" || :
    return "\${hg_rc:-125}"
  fi
  timeout -k 10 "$hg_limit" $hg_signals "$@"
}

hg_reader() {
  (
    ulimit -f 896
    trap '' XFSZ
    exec dd bs=4096 of="$1" 2>"$1.n"
  ) || tail -c 65536 >"$1.tail"
}

# Where nothing is to be prepared for the command (its user, folder, variables or a text on descriptor 9) the helper runs it, in place of five processes.
hg_plain() {
  [ -n "$hg_helper" ] && [ "$hg_pre" = : ] && [ -z "$hg_capture" ] && [ ! -e /proc/self/fd/9 ]
}

# 2: it was not run.
hg_run_helped() {
  hg_request run "$hg_limit" "$hg_out" -- "$@" || return 2
  hg_shown=0
  while hg_answered; do
    case $hg_answer in
      tick) hg_live ;;
      no) return 2 ;;
      *)
        hg_ran_with "$hg_answer"
        hg_exit=$hg_code hg_eof=1
        hg_rest "$hg_total"
        [ "$hg_ran" = 0 ] || hg_overdue
        [ "$hg_ran$hg_exit" = 00 ]
        return
        ;;
    esac
  done
  hg_exit=137
  hg_fail "the process that was to run it was killed"
}

# Of "ran CODE SIZE LATE", whatever words are split by here.
hg_ran_with() {
  hg_ran=\${1#ran }
  hg_code=\${hg_ran%% *}
  hg_ran=\${hg_ran#* }
  hg_total=\${hg_ran%% *} hg_ran=\${hg_ran#* }
}

hg_overdue() {
  hg_status=timeout
  hg_fail "it took longer than \${hg_limit}s and was ended"
}

hg_run() {
  hg_runs=$((hg_runs + 1))
  hg_out=$HG_VOLATILE/out.$hg_runs
  if hg_plain; then
    hg_run_helped "$@"
    hg_ran=$?
    [ "$hg_ran" = 2 ] || return "$hg_ran"
  fi
  hg_run_setup || return 1
  hg_shown=0 hg_id=$hg_runs hg_code= hg_eof= hg_left=0
  true >"$hg_out" && { [ -z "$hg_capture" ] || true >"$hg_capture.rc"; } || { hg_fail "no file for its output could be made in $HG_VOLATILE"; return 1; }
  hg_clock
  hg_began=$hg_now
  { exec 3>&- 4>&- 7>&- 8>&- </dev/null 2>&1; hg_child "$@" 5>&-; printf 'x %s %s\n' "$hg_id" $? >&5; } |
    { exec 3>&- 4>&- 7>&- 8>&-; hg_reader "$hg_out"; printf 'e %s\n' "$hg_id" >&5; } &
  hg_pipe=$!
  hg_tick
  while [ -z "$hg_code" ] || [ -z "$hg_eof" ]; do
    IFS=' ' read -r hg_a hg_b hg_c <&5 || continue
    case $hg_a in
      t)
        hg_live
        hg_stuck
        ;;
      x) [ "$hg_b" != "$hg_id" ] || { hg_code=$hg_c; hg_clock; hg_ended=$hg_now; } ;;
      e) [ "$hg_b" != "$hg_id" ] || hg_eof=1 ;;
    esac
    if [ -n "$hg_code" ] && [ -z "$hg_eof" ]; then
      hg_clock
      [ $((hg_now - hg_ended)) -lt 2000 ] || break
    fi
  done
  [ -z "$hg_eof" ] || wait "$hg_pipe" 2>/dev/null
  hg_rest
  hg_exit=$hg_code
  [ "$hg_code" != 0 ] || return 0
  case $hg_code in
    124 | 137)
      if [ $((hg_ended - hg_began)) -ge $((hg_limit * 1000 - 20)) ]; then
        hg_overdue
        return 1
      fi
      ;;
  esac
  return 1
}

# One clock for all commands of a script that follow each other: what it says between them is heard by the next one, and does no harm.
hg_tick() {
  if [ -n "$hg_ticker" ] && kill -0 "$hg_ticker" 2>/dev/null; then return 0; fi
  { exec 3>&- 4>&- 7>&- 8>&-; hg_ticks; } &
  hg_ticker=$!
}

# What is printed early is shown early. After that a program each second is enough: hundreds of nodes may have to share a machine.
hg_ticks() {
  sleep 0.5 2>/dev/null || sleep 1
  printf 't\n' >&5
  while kill -0 "$hg_me" 2>/dev/null; do
    sleep 1
    printf 't\n' >&5
  done
}

hg_chunk() {
  tail -c +$((hg_shown + 1)) "$1" 2>/dev/null | head -c "$2" >"$hg_out.part" 2>/dev/null
  [ ! -s "$hg_out.part" ] || hg_frame_file "out $hg_index" "$hg_out.part"
}

hg_live() {
  [ -s "$hg_out" ] || return 0
  [ "$hg_shown" -lt 262144 ] || return 0
  hg_total=$(wc -c <"$hg_out")
  [ "$hg_total" -le 262144 ] || hg_total=262144
  [ "$hg_total" -gt "$hg_shown" ] || return 0
  hg_chunk "$hg_out" $((hg_total - hg_shown))
  hg_shown=$hg_total
}

# With an argument: how much is in the file.
hg_rest() {
  [ -s "$hg_out" ] || return 0
  hg_total=\${1-}
  if [ "$hg_shown" = 0 ] && [ ! -e "$hg_out.tail" ] && hg_counted && [ "$hg_total" -le 262144 ]; then
    hg_frame_short "out $hg_index" "$hg_out" "$hg_total"
    if [ -n "$hg_eof" ]; then true >"$hg_out"; else rm -f -- "$hg_out"; fi
    return 0
  fi
  hg_live
  hg_total=$(wc -c <"$hg_out")
  if [ -s "$hg_out.tail" ]; then
    hg_after=$(wc -c <"$hg_out.tail")
    tail -c +262145 "$hg_out" | cat - "$hg_out.tail" | tail -c 65536 >"$hg_out.part"
  else
    tail -c +262145 "$hg_out" | tail -c 65536 >"$hg_out.part"
    hg_after=0
  fi
  [ $((hg_total - 262144 + hg_after)) -le 65536 ] || hg_frame "capped $hg_index 327680" ''
  [ ! -s "$hg_out.part" ] || hg_frame_file "out $hg_index" "$hg_out.part"
  rm -f -- "$hg_out" "$hg_out.tail" "$hg_out.part"
}

# Once it has ended, dd has said how much it took.
hg_counted() {
  [ -z "$hg_total" ] || return 0
  if [ -n "$hg_eof" ]; then
    while read -r hg_a hg_b hg_c; do
      case $hg_b in byte | bytes) hg_total=$hg_a ;; esac
    done 2>/dev/null <"$hg_out.n"
  fi
  case $hg_total in '' | *[!0-9]*) hg_total=$(wc -c <"$hg_out") ;; esac
}

# A file of this size as a frame; a short one goes through a variable, if that can hold it.
hg_frame_short() {
  if [ "$3" -le 32768 ]; then
    { hg_o=$(cat -- "$2"; printf x); } 2>/dev/null
    hg_o=\${hg_o%x}
    if [ \${#hg_o} -eq "$3" ]; then hg_frame "$1" "$hg_o"; return; fi
  fi
  hg_frame_file "$1" "$2"
}

hg_stuck() {
  [ -n "$hg_capture" ] && [ -z "$hg_code" ] && [ -s "$hg_capture.rc" ] || return 0
  hg_clock
  [ "$hg_left" != 0 ] || hg_left=$hg_now
  [ $((hg_now - hg_left)) -lt 2000 ] || { read -r hg_code <"$hg_capture.rc" || :; hg_ended=$hg_now hg_eof=1; }
}

hg_quiet() {
  if hg_plain && hg_request run "$hg_limit" '' -- "$@" && hg_answered && [ "$hg_answer" != no ]; then
    hg_ran_with "$hg_answer"
    return "$hg_code"
  fi
  hg_need timeout || return 127
  (
    trap - HUP PIPE
    umask 022
    $hg_pre && exec timeout -k 10 "$hg_limit" "$@"
  ) </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-
}

hg_as() {
  hg_via=$1 hg_who=$2
  shift 2
  if [ -z "$hg_who" ]; then
    "$hg_via" "$@"
    return
  fi
  hg_database passwd "$hg_who"
  hg_lookup "$hg_nl$hg_o$hg_nl" "$hg_who" "$hg_nl" : || { hg_fail "there is no user $hg_who on this node"; return 1; }
  hg_v=\${hg_v#*:}
  hg_a=\${hg_v%%:*}
  hg_v=\${hg_v#*:}
  hg_b=\${hg_v%%:*}
  hg_v=\${hg_v#*:*:}
  hg_home=\${hg_v%%:*}
  if [ "$hg_a" = "$hg_euid" ]; then
    "$hg_via" "$@"
    return
  fi
  [ "$hg_euid" = 0 ] || { hg_fail "running as $hg_who needs root"; return 1; }
  if setpriv --reuid="$hg_a" --regid="$hg_b" --init-groups true 2>/dev/null; then
    "$hg_via" env HOME="$hg_home" USER="$hg_who" LOGNAME="$hg_who" setpriv --reuid="$hg_a" --regid="$hg_b" --init-groups "$@"
  elif command -v runuser >/dev/null 2>&1; then
    "$hg_via" env HOME="$hg_home" USER="$hg_who" LOGNAME="$hg_who" runuser -u "$hg_who" -- "$@"
  else
    hg_need su || return 1
    "$hg_via" su -s /bin/sh "$hg_who" -c 'exec "$@"' -- sh "$@"
  fi
}
`;

import { posix } from "../quote.ts";

/** One step, whatever its kind: begin, gather, check, apply, check again, end. */
export const stepPrelude = posix`
hg_check() {
  hg_index=$1 hg_change=none hg_observed= hg_diffs= hg_error= hg_refused=
  "c_$1"
}

hg_cancelled() {
  [ -e "$HG_JOB/cancel" ]
}

hg_perform() {
  hg_index=$1
  eval "hg_limit=\$L_$1 hg_retries=\$R_$1 hg_delay=\$W_$1 hg_notifies=\$N_$1 hg_section=\$S_$1 hg_mark=\$M_$1 hg_converges=\$V_$1 hg_into=\$B_$1 hg_breadth=\$F_$1 hg_again=\$X_$1"
  if [ "$hg_batch" != "$hg_into" ]; then
    hg_settle || return 1
    hg_batch=$hg_into
    hg_hold=$hg_batch
    if [ -n "$hg_batch" ]; then
      eval "hg_again=\$XB_$hg_batch"
      case $hg_dirty$hg_again in 2? | 11) "gg_$hg_batch" ;; esac
    fi
  fi
  hg_index=$1
  if hg_cancelled; then hg_status=cancelled; return 1; fi
  case $hg_batch:$hg_dirty$hg_again in :2? | :11) "g_$1" ;; esac
  hg_check "$1"
  if [ "$hg_change" = none ] && [ -n "$hg_mark" ] && [ -e "$HG_STATE/$hg_mark" ]; then
    hg_status=deferred
    return 0
  fi
  [ "$hg_mode" != remove ] || hg_frame "observed $1 $hg_change" "$hg_observed"
  hg_frame "begin $1" ''
  # In a batch one begins where the other has ended.
  [ -n "$hg_batched" ] || hg_clock
  hg_start=$hg_now
  while :; do
    hg_status= hg_error= hg_exit=0
    hg_once "$1"
    case $hg_status in ok | changed) break ;; esac
    if [ "$hg_retries" -le 0 ] || hg_cancelled; then break; fi
    hg_retries=$((hg_retries - 1))
    hg_frame "out $1" "$hg_error; trying again$hg_nl"
    hg_untick
    sleep "$hg_delay"
    "g_$1"
    hg_check "$1"
  done
  if [ -n "$hg_batch" ] && [ "$hg_status" = changed ]; then
    hg_clock
    eval "hg_ms_$1=$((hg_now - hg_start))"
    hg_batched="$hg_batched $1"
    return 0
  fi
  hg_end "$1"
}

hg_end() {
  case $hg_status in
    failed | timeout) if hg_cancelled; then hg_status=cancelled; fi ;;
  esac
  hg_clock
  hg_frame "end $1 $hg_status \${hg_exit:-0} $((hg_now - hg_start))" "$hg_error"
  case $hg_status in ok | changed) return 0 ;; *) return 1 ;; esac
}

hg_once() {
  if [ "$hg_change" = none ]; then hg_status=ok; return; fi
  hg_reserve || { hg_status=failed; return; }
  if [ -n "$hg_notifies" ]; then
    hg_directory_of "$HG_STATE/pending/$hg_role" || { hg_status=failed; return; }
    for hg_a in $hg_notifies; do
      true >"$HG_STATE/pending/$hg_role/$hg_a" || { hg_fail "the pending notification could not be kept"; hg_status=failed; return; }
    done
  fi
  case $hg_dirty:$hg_breadth:$hg_change in
    2:* | *:2:*) hg_dirty=2 ;;
    *:1:* | *:c:create) hg_dirty=1 ;;
    *) hg_dirty=2 ;;
  esac
  hg_fresh=1 hg_memory=0
  [ "$hg_section" != steps ] || hg_memory=1
  if ! "a_$1"; then
    [ -n "$hg_status" ] || hg_status=failed
    [ -n "$hg_error" ] || hg_error="the step failed without a message"
    return
  fi
  hg_any=1
  if [ -n "$hg_batch" ]; then hg_status=changed; return; fi
  if [ "$hg_converges" = 1 ]; then
    "g_$1"
    if hg_mended; then "g_$1"; fi
    hg_was=$hg_change
    hg_check "$1"
    if [ "$hg_change" != none ]; then
      hg_status=failed hg_error="it did not converge: still $hg_observed"
      return
    fi
  fi
  if [ -n "$hg_mark" ] && [ "$hg_fresh" = 1 ]; then rm -f -- "$HG_STATE/$hg_mark"; fi
  hg_status=changed
}

hg_phase() {
  hg_frame "phase $1" ''
}

hg_section_run() {
  [ -n "$2" ] || return 0
  hg_phase "$1"
  for hg_i in $2; do
    if [ -n "$hg_skip" ]; then
      [ "$hg_i" != "$hg_skip" ] || hg_skip=
      continue
    fi
    hg_perform "$hg_i" || return 1
  done
  hg_untick
  hg_settle
}
`;

/** Apply: nothing is touched before the check has agreed with what was approved. */
export const applyPrelude = posix`
hg_stale() {
  hg_error= hg_forgone=0
  for hg_i in $hg_steps; do
    eval "hg_change=\$C_$hg_i hg_observed=\$O_$hg_i hg_e=\$E_$hg_i hg_o=\$EO_$hg_i hg_has=\$EH_$hg_i hg_settled=\$ES_$hg_i"
    case $hg_e in '' | unknown) continue ;; esac
    # Somebody was quicker: the state that was approved is there, and nothing else hangs on this step.
    if [ "$hg_settled" = 1 ] && [ "$hg_change" = none ] && [ "$hg_e" != none ]; then
      hg_forgone=1
      continue
    fi
    if [ "$hg_staleness" = bounded ]; then
      if [ "$hg_e" = none ] && [ "$hg_change" != none ]; then hg_error="a step approved to change nothing would change something"; fi
      if [ "$hg_e" != destroy ] && [ "$hg_change" = destroy ]; then hg_error="a step would destroy without approval"; fi
    else
      if [ "$hg_e" != "$hg_change" ]; then hg_error="a step would do another thing than approved"; fi
      if [ "$hg_has" = 1 ] && [ "$hg_o" != "$hg_observed" ]; then hg_error="a step finds another state than approved"; fi
    fi
    [ -z "$hg_error" ] || return 0
  done
  return 1
}

hg_notify() {
  [ "$hg_later" = 0 ] || return 0
  hg_notifying=0 hg_converges=0
  for hg_i in $hg_notifiable; do
    eval "hg_limit=\$L_$hg_i hg_retries=\$R_$hg_i hg_delay=\$W_$hg_i hg_mark=\$M_$hg_i"
    [ -e "$HG_STATE/$hg_mark" ] || continue
    [ "$hg_notifying" = 1 ] || { hg_phase notify; hg_notifying=1; }
    if hg_cancelled; then hg_status=cancelled; return 1; fi
    hg_index=$hg_i
    hg_frame "begin $hg_i" ''
    hg_clock
    hg_start=$hg_now
    while :; do
      hg_error= hg_exit=0 hg_status=changed
      "g_$hg_i"
      hg_check "$hg_i"
      if "n_$hg_i"; then
        hg_status=changed
        rm -f -- "$HG_STATE/$hg_mark"
        break
      fi
      [ "$hg_status" = timeout ] || hg_status=failed
      if [ "$hg_retries" -le 0 ] || hg_cancelled; then break; fi
      hg_retries=$((hg_retries - 1))
      sleep "$hg_delay"
    done
    hg_any=1
    hg_end "$hg_i" || return 1
  done
}

hg_verify_one() {
  hg_index=$1
  eval "hg_limit=\$L_$1 hg_within=\$T_$1"
  hg_frame "begin $1" ''
  hg_clock
  hg_start=$hg_now hg_wait=1
  while :; do
    hg_error= hg_exit=0 hg_status= hg_change=none hg_observed= hg_diffs=
    "g_$1"
    if "v_$1"; then hg_status=ok; break; fi
    hg_clock
    if [ $((hg_now - hg_start)) -ge "$hg_within" ] || hg_cancelled; then
      [ -n "$hg_status" ] || hg_status=failed
      if [ -n "$hg_witnesses" ] && ! hg_cancelled; then hear; fi
      break
    fi
    hg_untick
    case $hg_wait in
      1) sleep 0.2 2>/dev/null || sleep 1 ;;
      2 | 3) sleep 0.5 2>/dev/null || sleep 1 ;;
      4 | 5 | 6) sleep 1 ;;
      *) sleep 2 ;;
    esac
    hg_wait=$((hg_wait + 1))
  done
  hg_end "$1"
}

hg_verify_all() {
  [ -n "$hg_verify" ] || return 0
  hg_phase verify
  for hg_i in $hg_verify; do
    if hg_cancelled; then hg_status=cancelled; return 1; fi
    hg_verify_one "$hg_i" || return 1
  done
}

hg_failed() {
  if [ -n "$hg_batched" ]; then
    hg_why=$hg_error hg_was=$hg_status
    hg_settle || :
    hg_error=$hg_why hg_status=$hg_was
  fi
  if [ "$hg_status" = cancelled ] || hg_cancelled; then hg_done cancelled "stopped on request"; fi
  hg_why=$hg_error
  if [ -n "$hg_on_failure" ]; then
    hg_phase on-failure
    for hg_i in $hg_on_failure; do hg_perform "$hg_i" || :; done
  fi
  hg_done failed "$hg_why"
}

hg_agree() {
  [ -z "\${HG_RESUME:-}" ] || return 0
  hg_check_all
  if hg_stale; then
    hg_show_all
    hg_done stale "$hg_error"
  fi
  if [ "$hg_found_change" = 0 ]; then
    if [ "$hg_forgone" = 0 ]; then
      hg_values
      hg_done ok ''
    fi
    # Nothing is touched, so there is nothing to prepare or to go back from; that it works is still to be seen.
    hg_before_list= hg_after_list= hg_on_failure=
  fi
}

hg_resume() {
  read -r hg_index hg_part hg_since hg_was <"$HG_JOB/resumed" || { hg_fail "the note about the reboot cannot be read"; return 1; }
  hg_any=1 hg_dirty=2 hg_exit=0 hg_error= hg_status=changed
  eval "hg_mark=\$M_$hg_index hg_converges=\$V_$hg_index"
  [ "$hg_part" = notify ] || hg_skip=$hg_index
  hg_v=$(date +%s)
  hg_v=$((hg_v - hg_since))
  [ "$hg_v" -ge 0 ] || hg_v=0
  hg_clock
  hg_start=$((hg_now - hg_v * 1000))
  if [ "$hg_was" = "$hg_boot" ]; then
    hg_status=failed hg_error="the machine was not rebooted"
  elif [ "$hg_converges" = 1 ]; then
    "g_$hg_index"
    hg_check "$hg_index"
    [ "$hg_change" != change ] || hg_status=failed hg_error="it was rebooted, and still: $hg_observed"
  fi
  [ -z "$hg_mark" ] || rm -f -- "$HG_STATE/$hg_mark"
  hg_end "$hg_index"
}

hg_prechecks() {
  hg_unmet=
  for hg_i in $hg_checks; do
    hg_index=$hg_i hg_error= hg_exit=0 hg_change=none hg_observed=
    eval "hg_limit=\$L_$hg_i"
    "g_$hg_i"
    ! "v_$hg_i" || continue
    hg_unmet=1
    hg_frame "begin $hg_i" ''
    hg_frame "end $hg_i failed $hg_exit 0" "\${hg_error:-does not hold}"
  done
  [ -z "$hg_unmet" ] || hg_done failed "a condition for it does not hold; nothing was changed"
}

hg_apply() {
  hg_any=0 hg_skip= hg_part=
  [ -n "\${HG_RESUME:-}" ] || hg_prechecks
  hg_directory_of "$HG_STATE/active" && true >"$HG_STATE/active/$hg_role" || hg_done failed "that this role is here could not be kept in $HG_STATE"
  if [ -n "\${HG_RESUME:-}" ]; then
    hg_resume || hg_failed
  elif [ -n "$hg_before_list" ]; then
    hg_dirty=2
    hg_section_run before "$hg_before_list" || hg_failed
  fi
  [ "$hg_part" = notify ] || hg_section_run apply "$hg_steps" || hg_failed
  hg_notify || hg_failed
  hg_verify_all || hg_failed
  hg_section_run after "$hg_after_list" || hg_failed
  hg_values
  if [ "$hg_any" = 1 ]; then hg_done changed ''; else hg_done ok ''; fi
}

hg_remove() {
  hg_any=0 hg_dirty=2
  hg_phase undo
  for hg_i in $hg_steps; do
    hg_perform "$hg_i" || hg_failed
  done
  rm -rf -- "$HG_STATE/stamps/$hg_role" "$HG_STATE/values/$hg_role" "$HG_STATE/pending/$hg_role" "$HG_STATE/active/$hg_role"
  if [ "$hg_any" = 1 ]; then hg_done changed ''; else hg_done ok ''; fi
}
`;

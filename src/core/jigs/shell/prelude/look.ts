import { posix } from "../quote.ts";

/** The check phase: one look at everything, then each step's judgement. */
export const checkPrelude = posix`
hg_check_all() {
  hg_phase check
  g_all
  hg_check_each
}

hg_check_each() {
  hg_found_change=0 hg_held= hg_earlier=0 hg_marked=
  for hg_i in $hg_steps; do
    hg_check "$hg_i"
    [ -z "$hg_refused" ] || [ "$hg_mode$hg_earlier" != check0 ] || hg_frame "end $hg_i failed 0 0" "$hg_refused"
    [ "$hg_change" = none ] || hg_earlier=1
    eval "C_$hg_i=\$hg_change O_$hg_i=\$hg_observed D_$hg_i=\$hg_diffs hg_marked=\$hg_marked\$M_$hg_i hg_notifies=\$N_$hg_i"
    if [ "$hg_change" != none ]; then
      hg_found_change=1
      for hg_a in $hg_notifies; do hg_told="$hg_told $hg_role/$hg_a "; done
    fi
    hg_held="\${hg_held}@ observed $hg_i $hg_change \${#hg_observed}$hg_nl$hg_observed$hg_nl"
  done
  [ -z "$hg_marked" ] || hg_check_notified
  [ -z "$hg_held" ] || hg_put "$hg_held"
}

# What is told by another step changes too; who is told may stand before who tells.
hg_check_notified() {
  hg_held=
  for hg_i in $hg_steps; do
    eval "hg_mark=\$M_$hg_i hg_change=\$C_$hg_i hg_observed=\$O_$hg_i"
    if [ -n "$hg_mark" ] && [ "$hg_change" = none ]; then
      case $hg_told in
        *" \${hg_mark#pending/} "*) hg_change=change hg_observed="$hg_observed, notified" ;;
        *) if [ -e "$HG_STATE/$hg_mark" ]; then hg_change=change hg_observed="$hg_observed, notified before"; fi ;;
      esac
      eval "C_$hg_i=\$hg_change O_$hg_i=\$hg_observed"
    fi
    [ "$hg_change" = none ] || hg_found_change=1
    hg_held="\${hg_held}@ observed $hg_i $hg_change \${#hg_observed}$hg_nl$hg_observed$hg_nl"
  done
}

# Small files whose difference is to be shown come together, too.
hg_fetch() {
  hg_fetched=
  for hg_i in $hg_steps; do
    eval "hg_change=\$C_$hg_i hg_list=\$K_$hg_i"
    [ "$hg_change" != none ] || continue
    for k in $hg_list; do
      eval "t=\$t_$k s=\$s_$k"
      case " $hg_fetched:$t" in *" $k "* | *:[!f]*) continue ;; esac
      [ "$s" -gt 8192 ] || hg_fetched="$hg_fetched$k "
    done
  done
  hg_read "$hg_fetched"
  hg_fetched=" $hg_fetched"
}

hg_show_all() {
  [ "$hg_found_change" = 1 ] || return 0
  [ "$hg_showing" != 1 ] || hg_fetch
  for hg_i in $hg_steps; do
    eval "hg_change=\$C_$hg_i hg_diffs=\$D_$hg_i"
    [ "$hg_change" != none ] || continue
    hg_index=$hg_i
    [ -z "$hg_diffs" ] || hg_frame "diff $hg_i" "$hg_diffs"
    if [ "$hg_showing" = 1 ]; then "s_$hg_i"; fi
  done
}

hg_judge_all() {
  for hg_i in $hg_checks; do
    hg_index=$hg_i hg_error= hg_change=none hg_observed=
    eval "hg_limit=\$L_$hg_i"
    if "v_$hg_i"; then hg_frame "observed $hg_i none" "\${hg_observed:-holds}"; else
      hg_frame "observed $hg_i change" "\${hg_error:-does not hold}"
      if [ -n "$hg_witnesses" ]; then hear; hg_witnesses=; fi
    fi
  done
}
`;

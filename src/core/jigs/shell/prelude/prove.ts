import { posix } from "../quote.ts";

/**
 * A proof: steps until one does not hold or the time is over, then all of the cleanup, whatever happened. Its cleanup cannot be
 * cancelled. No trap of TERM here: one that comes right after a fork would be lost in the new subshell, and \`hg_run\` would wait for it for ever.
 */
export const provePrelude = posix`
hg_prove() {
  PROOF=$hg_token
  export PROOF
  hg_clock
  hg_over=$((hg_now + hg_prove_ms))
  hg_result=ok hg_why=
  hg_phase prove
  for hg_i in $hg_proving; do
    hg_flush
    hg_prove_one "$hg_i" || break
  done
  true >"$HG_JOB/cleaning"
  rm -f -- "$HG_JOB/cancel"
  hg_phase cleanup
  for hg_i in $hg_cleanup; do
    hg_flush
    hg_verify_one "$hg_i" || :
  done
  hg_done "$hg_result" "$hg_why"
}

hg_prove_one() {
  if hg_cancelled; then hg_result=cancelled; return 1; fi
  hg_clock
  hg_remaining=$((hg_over - hg_now))
  [ "$hg_remaining" -ge 1 ] || { hg_result=failed; return 1; }
  eval "hg_limit=\$L_$1 hg_within=\$T_$1"
  hg_v=$(((hg_remaining + 999) / 1000))
  [ "$hg_limit" -le "$hg_v" ] || hg_limit=$hg_v
  [ "$hg_within" -le "$hg_remaining" ] || hg_within=$hg_remaining
  eval "L_$1=$hg_limit T_$1=$hg_within"
  hg_verify_one "$1" && return 0
  hg_result=failed hg_why=$hg_error
  [ "$hg_status" != cancelled ] || hg_result=cancelled
  return 1
}
`;

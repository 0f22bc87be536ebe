import { posix } from "./quote.ts";

/** `hg_await STEP MILLISECONDS`: looks again until the step's check says none. */
export const waitingPrelude = posix`
hg_await() {
  hg_clock
  hg_until=$((hg_now + $2))
  while :; do
    "g_$1"
    hg_change=none hg_observed= hg_diffs= hg_error=
    "c_$1"
    [ "$hg_change" != none ] || return 0
    hg_clock
    if [ "$hg_now" -ge "$hg_until" ]; then hg_fail "$hg_observed"; return 1; fi
    if hg_cancelled; then return 1; fi
    sleep 0.5 2>/dev/null || sleep 1
  done
}
`;

import { posix } from "../quote.ts";

/** Steps that are applied one right after another and then looked at together (batches.ts). `hg_batch` is the open one, `hg_batched` what it changed. */
export const batchPrelude = posix`
# Ends a batch: one look at all that it changed. What is not yet as it should be is applied once more, since a folder's own rules (default ACLs) may
# have made something else of it than was asked for.
hg_settle() {
  hg_ending=$hg_batched hg_done_batch=$hg_batch
  hg_batched= hg_batch=
  [ -n "$hg_ending" ] || { hg_hold=; hg_speak; return 0; }
  "gg_$hg_done_batch"
  if hg_mended; then "gg_$hg_done_batch"; fi
  hg_unlike=
  for hg_j in $hg_ending; do
    hg_check "$hg_j"
    [ "$hg_change" != none ] || continue
    hg_unlike="$hg_unlike $hg_j"
    "a_$hg_j" || :
  done
  [ -z "$hg_unlike" ] || "gg_$hg_done_batch"
  hg_more= hg_unlike="$hg_unlike "
  for hg_j in $hg_ending; do
    hg_index=$hg_j hg_status=changed hg_error=
    case $hg_unlike in
      *" $hg_j "*)
        hg_check "$hg_j"
        [ "$hg_change" = none ] || hg_status=failed hg_error="it did not converge: still $hg_observed"
        hg_more=\${hg_more:-$hg_error}
        ;;
    esac
    eval "hg_v=\$hg_ms_$hg_j"
    hg_frame "end $hg_j $hg_status 0 $hg_v" "$hg_error"
  done
  hg_hold=
  hg_speak
  [ -n "$hg_more" ] || return 0
  hg_status=failed hg_error=$hg_more
  return 1
}

# The file is made with its mode at once, where it is looked at afterwards: what the folder's own rules make of that is seen then, and mended.
hg_umask_for() {
  hg_made_with=
  [ "$hg_converges" = 1 ] || return 0
  eval "hg_a=\$p_$hg_k"
  [ "$hg_a" = "$p" ] || return 0
  case $1 in [0246][0246][0246]) ;; *) return 0 ;; esac
  hg_a=\${1#?}
  umask "$((7 - \${1%??}))$((7 - \${hg_a%?}))$((7 - \${1#??}))"
  hg_made_with=$1
}

# After a look: gives modes to what was made with them and has others, as a folder's default ACL may bring about; true when there was any.
hg_mended() {
  hg_v=
  for hg_a in $hg_made; do
    hg_b=\${hg_a%:*} hg_a=\${hg_a#*:}
    eval "p=\$p_$hg_b t=\$t_$hg_b m=\$m_$hg_b"
    [ "$t:$m" != "file:$hg_a" ] && [ "$t" = file ] || continue
    hg_v=1
    chmod -- "$hg_a" "$p"
  done
  hg_made=
  [ -n "$hg_v" ]
}
`;

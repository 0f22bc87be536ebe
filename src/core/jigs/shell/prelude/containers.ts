import { posix } from "../quote.ts";

/**
 * Shell functions of `container` steps. `hg_container_look STEP ENGINE NAME` sets `K_STEP` to `ENGINE RUNNING SPEC`: what is there of this name, by
 * the label `io.halligan.spec` (`-` = none, another's container). podman and docker take the same words here.
 */
export const containersPrelude = posix`
hg_container_engine() {
  hg_engine=
  for hg_a in podman docker; do
    if [ "$1" != auto ] && [ "$1" != "$hg_a" ]; then continue; fi
    command -v "$hg_a" >/dev/null 2>&1 || continue
    hg_engine=$hg_a
    return 0
  done
  return 1
}

hg_container_look() {
  eval "K_$1=none"
  hg_container_engine "$2" || return 1
  hg_o=$("$hg_engine" container inspect --format '{{.State.Running}} {{index .Config.Labels "io.halligan.spec"}}' "$3" 2>/dev/null) || hg_o=absent
  case $hg_o in *' ' | *'<no value>' | true | false) hg_o="\${hg_o%% *} -" ;; esac
  eval "K_$1=\"\$hg_engine \$hg_o\""
}

hg_container_check() {
  hg_seen=absent
  if [ -z "$2" ]; then
    case $3:$1 in absent:0 | running:0 | stopped:0) hg_none "as wanted" ;; absent:*) hg_want destroy present ;; *) hg_want create absent ;; esac
    return
  fi
  hg_a=$2 hg_b=$3 hg_c=$4
  set -- $hg_a
  hg_engine=$1 hg_running=\${2:-} hg_spec=\${3:-}
  case $hg_engine:$hg_running in
    none:*)
      if [ "$hg_b" = absent ]; then hg_none absent; else hg_want create "neither podman nor docker on this node"; fi
      return
      ;;
    *:absent)
      if [ "$hg_b" = absent ]; then hg_none absent; else hg_want create absent; fi
      return
      ;;
    *:true) hg_seen=running ;;
    *) hg_seen=stopped ;;
  esac
  if [ "$hg_b" = absent ]; then
    if [ "$hg_c" = 1 ] && [ "$hg_spec" = - ]; then hg_none "not ours"; else hg_want destroy "$hg_seen"; fi
    return
  fi
  if [ "$hg_spec" = - ]; then hg_want change "$hg_seen, not made by Halligan"; return; fi
  hg_wrong=
  if [ "$hg_spec" != "$hg_c" ]; then hg_wrong=1 hg_seen="$hg_seen, another specification"; hg_diff specification "\${hg_spec%"\${hg_spec#????????????}"}" "\${hg_c%"\${hg_c#????????????}"}"; fi
  if [ "$hg_b" != "\${hg_seen%%,*}" ]; then hg_wrong=1; hg_diff state "\${hg_seen%%,*}" "$hg_b"; fi
  if [ -n "$hg_wrong" ]; then hg_want change "$hg_seen"; else hg_none "$hg_seen"; fi
}

hg_container_ready() {
  hg_container_engine "$1" || { hg_fail "there is neither podman nor docker on this node: install one before this step"; return 1; }
  case $hg_observed in *'not made by Halligan') hg_fail "a container $2 is there that Halligan did not make: remove it, or take another name"; return 1 ;; esac
}

hg_container_images() {
  "$hg_engine" images -q --no-trunc 2>/dev/null
}

hg_container_keep() {
  [ "$hg_memory" = 1 ] || return 0
  hg_directory_of "$HG_STATE/originals" && printf '%s\n' "$2" >>"$1" || hg_fail "the image's name could not be kept"
}

hg_container_pull() {
  hg_image=$2
  "$hg_engine" image inspect "$2" >/dev/null 2>&1 && return 0
  hg_run "$hg_engine" pull -q "$2" || { hg_fail "the image $2 could not be fetched (exit code $hg_exit)"; return 1; }
  hg_container_keep "$1" "$2"
}

hg_container_load() {
  [ -f "$2" ] || { hg_fail "there is no archive $2 on this node: bring it with a file or download step before this one"; return 1; }
  hg_o=$(sha256sum <"$2")
  [ "\${hg_o%% *}" = "$3" ] || { hg_fail "the archive $2 has sha256 \${hg_o%% *}, not $3"; return 1; }
  hg_before=$(hg_container_images)
  hg_o=$(timeout -k 10 "$hg_limit" "$hg_engine" load -i "$2" 2>&1) || { hg_words "$hg_o"; hg_fail "the archive $2 could not be loaded: $hg_w"; return 1; }
  hg_image= hg_count=0
  IFS=$hg_nl
  for hg_line in $hg_o; do
    case $hg_line in 'Loaded image'*': '*) hg_image=\${hg_line#*: } hg_count=$((hg_count + 1)) ;; esac
  done
  IFS=$hg_space
  [ "$hg_count" = 1 ] || { hg_fail "the archive $2 holds $hg_count images, and must hold one"; return 1; }
  hg_v=$("$hg_engine" image inspect --format '{{.Id}}' "$hg_image" 2>/dev/null)
  case $hg_before in *"\${hg_v#sha256:}"*) return 0 ;; esac
  hg_container_keep "$1" "$hg_image"
}

hg_container_make() {
  hg_name=$1
  shift
  "$hg_engine" rm -f "$hg_name.halligan" >/dev/null 2>&1 </dev/null || :
  if ! hg_run "$hg_engine" create "--name=$hg_name.halligan" "$@"; then
    hg_pre=:
    hg_fail "$hg_engine did not make the container (exit code $hg_exit)"
    return 1
  fi
  hg_pre=:
  case $hg_running in
    true | false)
      hg_container_stop "$hg_name"
      hg_try "$hg_engine" rm -f "$hg_name" && return 0
      "$hg_engine" rm -f "$hg_name.halligan" >/dev/null 2>&1 </dev/null
      return 1
      ;;
  esac
}

hg_container_stop() {
  # One that never ran cannot be stopped, and need not be: rm -f ends what is left.
  timeout -k 10 30 "$hg_engine" stop -t 10 "$1" </dev/null >/dev/null 2>&1 || :
}

hg_container_swap() {
  hg_running=false
  hg_try "$hg_engine" rename "$1.halligan" "$1"
}

hg_container_start() {
  hg_run "$hg_engine" start "$1" || { hg_fail "the container $1 did not start (exit code $hg_exit)"; return 1; }
  sleep 0.5 2>/dev/null || sleep 1
  hg_o=$("$hg_engine" container inspect --format '{{.State.Running}}' "$1" 2>/dev/null)
  [ "$hg_o" != true ] || return 0
  "$hg_engine" logs --tail 20 "$1" >"$HG_VOLATILE/last" 2>&1 </dev/null
  [ ! -s "$HG_VOLATILE/last" ] || hg_frame_file "out $hg_index" "$HG_VOLATILE/last"
  hg_fail "the container $1 ended right after its start"
}

hg_container_gone() {
  hg_container_engine "$1" || return 0
  hg_container_stop "$2"
  hg_try "$hg_engine" rm -f -v "$2" || return 1
  [ -n "$3" ] && [ -r "$3" ] || return 0
  while read -r hg_line; do
    # An image that others use stays.
    "$hg_engine" rmi "$hg_line" >/dev/null 2>&1 </dev/null || :
  done <"$3"
  hg_try rm -f -- "$3"
}
`;

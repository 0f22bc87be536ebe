import { posix } from "../quote.ts";
import { fullDisks } from "./full-disks.ts";

/** Services under systemd, OpenRC, sysvinit and our own supervisor. `hg_units NAME...` gathers `|NAME=active enabled|` into `hg_services`. */
export const servicePrelude = `${posix`
hg_init_system() {
  hg_init=none
  if [ -d /run/systemd/system ] && [ "$hg_euid" = 0 ]; then
    hg_init=systemd
  elif [ -e /run/openrc/softlevel ] && [ "$hg_euid" = 0 ]; then
    hg_init=openrc
  elif [ "$hg_euid" = 0 ] && [ -e /etc/inittab ]; then
    read -r hg_a </proc/1/comm
    [ "$hg_a" != init ] || hg_init=sysv
  fi
}

hg_units() {
  hg_services='|'
  hg_init_system
  if [ "$hg_init" = systemd ]; then
    hg_units_systemd "$@"
    return
  fi
  for hg_name in "$@"; do
    hg_a= hg_b=disabled
    if [ -x "/etc/init.d/$hg_name" ]; then
      hg_a=inactive
      if [ "$hg_init" = openrc ]; then
        if timeout -k 5 20 rc-service "$hg_name" status </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-; then hg_a=active; fi
        set +f
        set -- /etc/runlevels/*/"$hg_name"
        set -f
        if [ -e "$1" ] || [ -L "$1" ]; then hg_b=enabled; fi
        hg_services="$hg_services$hg_name=$hg_a $hg_b|"
        continue
      fi
      if timeout -k 5 20 "/etc/init.d/$hg_name" status </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-; then hg_a=active; fi
      set +f
      set -- /etc/rc[2-5].d/S??"$hg_name"
      set -f
      [ ! -e "$1" ] || hg_b=enabled
    elif [ -d "$HG_STATE/services/$hg_name" ]; then
      hg_a=inactive
      if hg_alive "$HG_STATE/services/$hg_name/pid"; then
        hg_a=restarting
        if hg_alive "$HG_STATE/services/$hg_name/child"; then hg_a=active; fi
      fi
      [ ! -e "$HG_STATE/services/$hg_name/enabled" ] || hg_b=enabled
    fi
    [ -z "$hg_a" ] || hg_services="$hg_services$hg_name=$hg_a $hg_b|"
  done
}

hg_unit_of() {
  case $1 in
    *.timer | *.socket | *.path | *.target) hg_unit=$1 ;;
    *) hg_unit=$1.service ;;
  esac
}

hg_units_systemd() {
  hg_o=
  for hg_name in "$@"; do hg_unit_of "$hg_name"; hg_o="$hg_o $hg_unit"; done
  hg_o=$(systemctl show -p LoadState -p ActiveState -p UnitFileState -- $hg_o 2>/dev/null)$hg_nl$hg_nl
  for hg_name in "$@"; do
    hg_block=\${hg_o%%"$hg_nl$hg_nl"*}
    hg_o=\${hg_o#*"$hg_nl$hg_nl"}
    hg_a= hg_b= hg_c=
    IFS=$hg_nl
    for hg_line in $hg_block; do
      case $hg_line in
        LoadState=*) hg_c=\${hg_line#*=} ;;
        ActiveState=*) hg_a=\${hg_line#*=} ;;
        UnitFileState=*) hg_b=\${hg_line#*=} ;;
      esac
    done
    IFS=$hg_space
    case $hg_c in not-found | '') continue ;; esac
    case $hg_b in
      enabled* | alias | linked*) hg_b=enabled ;;
      static | indirect) hg_b=static ;;
      generated)
        set +f
        set -- /etc/rc[2-5].d/S??"$hg_name"
        set -f
        if [ -e "$1" ]; then hg_b=enabled; else hg_b=disabled; fi
        ;;
      masked*) hg_b=masked ;;
      *) hg_b=disabled ;;
    esac
    case $hg_a in reloading | refreshing) hg_a=active ;; esac
    hg_services="$hg_services$hg_name=$hg_a $hg_b|"
  done
}

hg_alive() {
  [ -r "$1" ] || return 1
  hg_pid= hg_born=
  read -r hg_pid hg_born <"$1" || :
  [ -n "$hg_pid" ] && [ -r "/proc/$hg_pid/stat" ] || return 1
  hg_s=
  { read -r hg_s <"/proc/$hg_pid/stat"; } 2>/dev/null || return 1
  set -- \${hg_s##*) }
  [ "\${20:-}" = "$hg_born" ] && [ "$1" != Z ]
}

hg_service_flavour() {
  case $hg_init in
    systemd) hg_flavour=systemd ;;
    sysv) hg_flavour=sysv ;;
    openrc) hg_flavour=openrc ;;
    *)
      if [ "$2" = 1 ]; then hg_flavour=own
      elif [ -x "/etc/init.d/$1" ]; then hg_flavour=sysv
      else hg_flavour=own
      fi
      ;;
  esac
}

hg_unit_unread() {
  # A unit or drop-in that an earlier step wrote is not what systemd has read; of a new folder of drop-ins it does not even know that it should.
  hg_o=$(systemctl show -p NeedDaemonReload -p DropInPaths -- "$hg_unit" 2>/dev/null 3>&- 4>&- 5>&- 7>&- 8>&-)
  case $hg_o in *NeedDaemonReload=yes*) return 0 ;; esac
  set +f
  set -- "/etc/systemd/system/$hg_unit.d"/*.conf
  set -f
  for hg_a in "$@"; do
    [ -e "$hg_a" ] || continue
    case $hg_o in *"$hg_a"*) ;; *) return 0 ;; esac
  done
  return 1
}

hg_service_do() {
  hg_service_flavour "$1" "$hg_managed"
  hg_unit_of "$1"
  case $hg_flavour:$2 in
    systemd:start | systemd:restart)
      # A service that failed too often is refused by systemd until it is forgiven.
      systemctl reset-failed -- "$hg_unit" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&-
      if hg_unit_unread; then hg_try systemctl daemon-reload || return 1; fi
      hg_run systemctl "$2" -- "$hg_unit"
      ;;
    systemd:stop | systemd:enable | systemd:disable) hg_run systemctl "$2" -- "$hg_unit" ;;
    systemd:reset) systemctl reset-failed -- "$hg_unit" >/dev/null 2>&1 || : ;;
    sysv:start | sysv:stop | sysv:restart) hg_need service && hg_run service "$1" "$2" ;;
    sysv:enable) hg_need update-rc.d && hg_run update-rc.d "$1" defaults && hg_run update-rc.d "$1" enable ;;
    sysv:disable) hg_need update-rc.d && hg_run update-rc.d "$1" disable ;;
    openrc:start | openrc:stop) hg_run rc-service "$1" "$2" ;;
    openrc:restart)
      # A service that crashed counts as started and cannot be stopped.
      rc-service "$1" status </dev/null >/dev/null 2>&1 || rc-service "$1" zap </dev/null >/dev/null 2>&1 || :
      hg_run rc-service "$1" restart
      ;;
    openrc:enable) hg_run rc-update add "$1" default ;;
    openrc:disable) hg_run rc-update -a del "$1" ;;
    own:start) hg_own_start "$1" ;;
    own:stop) hg_own_stop "$1" ;;
    own:restart) hg_own_stop "$1" && hg_own_start "$1" ;;
    own:enable) true >"$HG_STATE/services/$1/enabled" ;;
    own:disable) rm -f -- "$HG_STATE/services/$1/enabled" ;;
    *) return 0 ;;
  esac || {
    hg_fail "the service $1 did not $2 (exit code \${hg_exit:-1})"
    case $hg_flavour:$2 in systemd:start | systemd:restart) hg_service_said "$hg_unit" ;; esac
    return 1
  }
}

# Why a service did not start stands in its own words, after those of systemd.
hg_service_said() {
  hg_code_was=$hg_exit hg_status_was=$hg_status
  hg_run sh -c 'exec 2>/dev/null; id=$(systemctl show -p InvocationID --value -- "$1"); [ -n "$id" ] || exit 0; timeout 5 journalctl --sync
    for field in INVOCATION_ID _SYSTEMD_INVOCATION_ID; do journalctl --no-pager -q -o cat -n 8 "$field=$id"; done
    if [ -n "$2" ] && [ -n "$(find "$2" -mmin -2)" ]; then tail -n 4 "$2"; fi`}${fullDisks}${posix`
    exit 0' journal "$1" "\${hg_service_log:-}"
  hg_exit=$hg_code_was hg_status=$hg_status_was
}

hg_own_start() {
  hg_folder=$HG_STATE/services/$1
  [ -f "$hg_folder/run" ] || { hg_fail "there is no init system on this node and the service $1 has no exec"; return 1; }
  hg_need setsid sleep || return 1
  if hg_alive "$hg_folder/pid"; then hg_own_stop "$1" || return 1; fi
  rm -f -- "$hg_folder/pid" "$hg_folder/child"
  # What it said in earlier lives stays in its log, and says nothing about this start.
  hg_said=0
  [ ! -s "$hg_folder/log" ] || hg_said=$(wc -c <"$hg_folder/log")
  hg_said=$((hg_said + 1))
  if [ -n "$hg_service_user" ]; then chmod 711 "$HG_STATE" "$HG_STATE/services" "$hg_folder"; fi
  ( trap - HUP PIPE TERM INT; exec setsid sh "$hg_folder/supervise" "$hg_folder" "$hg_folder/run" "$hg_service_user" ) </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 7>&- 8>&- &
  hg_tries=0 hg_up=0
  while [ "$hg_tries" -lt 40 ]; do
    sleep 0.1 2>/dev/null || sleep 1
    hg_tries=$((hg_tries + 1))
    if hg_alive "$hg_folder/child"; then
      hg_up=$((hg_up + 1))
      [ "$hg_up" -lt 4 ] || return 0
    elif [ "$hg_up" -gt 0 ] || tail -c "+$hg_said" "$hg_folder/log" 2>/dev/null | grep -q '^halligan: ended'; then
      break
    fi
  done
  tail -c "+$hg_said" "$hg_folder/log" 2>/dev/null | tail -n 20 >"$HG_VOLATILE/last"
  [ ! -s "$HG_VOLATILE/last" ] || hg_frame_file "out $hg_index" "$HG_VOLATILE/last"
  hg_own_stop "$1"
  hg_fail "the service $1 ended right after its start"
}

hg_own_stop() {
  hg_folder=$HG_STATE/services/$1
  hg_alive "$hg_folder/pid" || return 0
  hg_own_pid=$hg_pid
  kill -TERM "$hg_own_pid" 2>/dev/null
  hg_tries=0
  while hg_alive "$hg_folder/pid" && [ "$hg_tries" -lt 75 ]; do
    sleep 0.2 2>/dev/null || sleep 1
    hg_tries=$((hg_tries + 1))
  done
  hg_alive "$hg_folder/pid" || return 0
  kill -KILL "$hg_own_pid" 2>/dev/null
  hg_alive "$hg_folder/child" && kill -KILL -"$hg_pid" 2>/dev/null
  return 0
}
`}`;

import type { ProbePart } from "./part.ts";

/**
 * What runs services. systemd counts only when it really is process 1's job (sd_booted(3): /run/systemd/system exists), so a container
 * with systemd installed but not running is `none`.
 */
export const initPart: ProbePart = {
  collect: String.raw`
  i= c=
  { read -r c <"$R/proc/1/comm"; } 2>/dev/null
  if [ -d "$R/run/systemd/system" ]; then i=systemd
  elif [ -e "$R/run/openrc/softlevel" ]; then i=openrc
  else
    case $c in
      runit | runit-init) i=runit ;;
      s6-svscan) i=s6 ;;
      supervisord) i=supervisor ;;
      init | busybox)
        if [ "$R/sbin/init" -ef "$R/bin/busybox" ]; then i=busybox
        elif [ -d "$R/etc/init.d" ] || [ -e "$R/etc/inittab" ]; then i=sysvinit
        else i=none; fi ;;
      *) i=none ;;
    esac
  fi
  printf 'init\t%s\n' "$i"
`,
  report: String.raw`
$1 == "init" { INIT = $2 }
function part_init() { return js(INIT) }
`,
};

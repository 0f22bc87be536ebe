import type { ResolvedStep } from "../../resolved.ts";
import { posix, sh } from "../quote.ts";
import { fullDisks } from "./full-disks.ts";

/**
 * `hg_testify NAME LOG NAME LOG...`: what services of a node-role say of themselves when it does not work in the end, as output of the step that
 * found that. Those that run say two lines each; those that do not, or end again and again, more, and last; then a disk without room is named.
 * What is older than a quarter of an hour is about something else.
 */
export const witnessPrelude = `${posix`
hg_testify() {
  hg_code_was=$hg_exit hg_status_was=$hg_status hg_error_was=$hg_error hg_limit=30
  hg_run sh -c 'exec 2>/dev/null
    said() {
      if [ -n "$2" ] && [ -n "$(find "$2" -mmin -15)" ]; then tail -n "$3" "$2"; fi
      if [ -f "$own/$1/log" ]; then tail -n "$3" "$own/$1/log"; fi
      # What sudo and PAM say of a service is not its own word.
      [ -z "$systemd" ] || journalctl --no-pager -q -o cat --since -15min -n 20 "_SYSTEMD_UNIT=$1.service" | grep -v -e "^pam_" -e " COMMAND=/" | tail -n "$3"
    }
    tell() { said "$@" | cut -c 1-200 | uniq | sed "s|^|$1: |"; }
    systemd= own=$1
    shift
    if [ -d /run/systemd/system ]; then systemd=1; timeout 5 journalctl --sync; fi
    for pass in well ill; do
      i=0 name=
      for word in "$@"; do
        i=$((1 - i))
        if [ $i = 1 ]; then name=$word; continue; fi
        state=
        if [ -n "$systemd" ]; then
          state=$(systemctl show -p ActiveState --value -- "$name.service")
          again=$(systemctl show -p NRestarts --value -- "$name.service")
          case $state in
            active) if [ "$again" -gt 0 ]; then state="ends again and again: systemd has started it $again times by itself"; else state=; fi ;;
            *) state="does not run (systemd says: $state)" ;;
          esac
        fi
        case $pass:$state in
          well:) tell "$name" "$word" 2 ;;
          ill:?*) tell "$name" "$word" 3; echo "$name $state" ;;
        esac
      done
    done`}${fullDisks}${posix`
    exit 0' testify "$HG_STATE/services" "$@"
  hg_exit=$hg_code_was hg_status=$hg_status_was hg_error=$hg_error_was
}
`}`;

const units = /\.(timer|socket|path|target)$/u;

/** The services that steps keep running, each with the file that it logs to, as shell words for `hg_testify`; `undefined` = there are none. */
export function witnesses(steps: readonly ResolvedStep[]): string | undefined {
  const words = steps.flatMap(({ kind, unknown, args }) => {
    const { name, state = "running", log = "" } = args as Readonly<Record<string, unknown>>;
    if (kind !== "service" || unknown || state !== "running" || args["restore"] === true || typeof name !== "string" || units.test(name))
      return [];
    return [sh`${name} ${String(log)}`.sh];
  });
  return words.length === 0 ? undefined : words.join(" ");
}

import type { ProbePart } from "./part.ts";

/** Running services, where the init system can tell: systemd by `systemctl`, OpenRC by its state folder. */
export const servicesPart: ProbePart = {
  collect: String.raw`
  case $i in
    systemd)
      if [ -z "$R" ]; then
        printf '@@services\n'
        bounded systemctl list-units --type=service --state=running --no-legend --no-pager --plain 2>/dev/null && s=1 || s=
        printf '@@end\n'
        [ -n "$s" ] && printf 'services\n'
      fi ;;
    openrc)
      printf 'services\n'
      for d in "$R"/run/openrc/started/*; do
        [ -e "$d" ] || [ -h "$d" ] && printf 'service\t%s\n' "$d"
      done ;;
  esac
`,
  report: String.raw`
$1 == "services" { HAVE_SERVICES = 1 }
$1 == "service" { give_service(base_name($2)) }
SECTION == "services" { split($0, SERVICE_FIELD, " "); sub(/\.service$/, "", SERVICE_FIELD[1]); give_service(SERVICE_FIELD[1]) }

function give_service(name) {
  if (name == "" || ++SERVICES > 1000) return
  SERVICE_LIST = add(SERVICE_LIST, js(name))
}

function part_services() {
  if (!HAVE_SERVICES) return missing("services", INIT == "systemd" ? "systemctl did not answer" : "init system \"" INIT "\" does not say which services run")
  if (SERVICES > 1000) gap("services", "more than 1000 services; the rest is left out")
  return "[" SERVICE_LIST "]"
}
`,
};

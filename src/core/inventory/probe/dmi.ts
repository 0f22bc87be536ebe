import type { ProbePart } from "./part.ts";

/** What the firmware says about the machine: /sys/class/dmi/id. Serial and UUID are readable by root only. */
export const dmiPart: ProbePart = {
  collect: String.raw`
  [ -d "$R/sys/class/dmi/id" ] && printf 'dmi\n'
  d=$R/sys/class/dmi/id
  tell "$d/sys_vendor" "$d/product_name" "$d/product_serial" "$d/product_uuid" "$d/board_vendor" "$d/bios_vendor" "$d/bios_version"
`,
  report: String.raw`
$1 == "dmi" { HAVE_DMI = 1 }

function dmi(name) { return sys(R "/sys/class/dmi/id/" name) }

function part_dmi(  serial, uuid) {
  if (!HAVE_DMI) return missing("dmi", "no DMI tables (/sys/class/dmi/id does not exist)")
  serial = dmi("product_serial")
  uuid = dmi("product_uuid")
  if (serial == "" && uuid == "" && EUID != 0) gap("dmi.serial", "serial number and UUID are readable by root only")
  return "{\"vendor\":" jso(dmi("sys_vendor")) ",\"product\":" jso(dmi("product_name")) ",\"serial\":" jso(serial) ",\"uuid\":" jso(uuid) ",\"bios\":" jso(trim(dmi("bios_vendor") " " dmi("bios_version"))) "}"
}
`,
};

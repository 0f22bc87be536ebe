import type { ProbePart } from "./part.ts";

/** Disks: /sys/block entries with a device behind them (no loop, ram, zram, dm, md; no optical or floppy drives). */
export const disksPart: ProbePart = {
  collect: String.raw`
  if [ -d "$R/sys/block" ]; then
    printf 'blocks\n'
    for d in "$R"/sys/block/*; do
      [ -e "$d/device" ] || continue
      printf 'disk\t%s\n' "$d"
      tell "$d/size" "$d/dev" "$d/serial" "$d/removable" "$d/queue/rotational" "$d/device/model" "$d/device/serial"
    done
  fi
`,
  report: String.raw`
$1 == "blocks" { HAVE_BLOCKS = 1 }
$1 == "disk" { DISK[++DISKS] = $2 }

# what udev found out, for disks whose driver gives no serial file; udev writes "\x20" for special characters
function udev_serial(dir,  file, line, found) {
  file = R "/run/udev/data/b" sys(dir "/dev")
  found = ""
  while (found == "" && (getline line < file) > 0) if (index(line, "E:ID_SERIAL_SHORT=") == 1) found = substr(line, 19)
  close(file)
  return found
}

function disk_json(dir,  name, size, serial, model) {
  name = base_name(dir)
  gsub(/!/, "/", name)
  if (name ~ /^(sr|fd|ram|loop)[0-9]/) return ""
  size = sys(dir "/size")
  if (size + 0 == 0) return ""
  model = sys(dir "/device/model")
  serial = sys(dir "/serial")
  if (serial == "") serial = sys(dir "/device/serial")
  if (serial == "") serial = udev_serial(dir)
  return "{\"name\":" js(name) ",\"sizeBytes\":" sprintf("%.0f", size * 512) ",\"rotational\":" jb(sys(dir "/queue/rotational") == "1") ",\"model\":" jso(model) ",\"serial\":" jso(serial) ",\"removable\":" jb(sys(dir "/removable") == "1") "}"
}

function part_disks(  i, one, list) {
  if (!HAVE_BLOCKS) return missing("disks", "/sys/block does not exist")
  list = ""
  for (i = 1; i <= DISKS; i++) if ((one = disk_json(DISK[i])) != "") list = add(list, one)
  return "[" list "]"
}
`,
};

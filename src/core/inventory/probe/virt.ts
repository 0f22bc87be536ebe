import type { ProbePart } from "./part.ts";

/**
 * Virtualisation, in systemd-detect-virt's words. That command is asked where it exists; else container marks, DMI, the hypervisor's
 * clock source and the processor's `hypervisor` flag tell.
 */
export const virtPart: ProbePart = {
  collect: String.raw`
  v=
  if [ -z "$R" ] && has systemd-detect-virt; then
    printf 'virt\t'; systemd-detect-virt 2>/dev/null
    printf '\n'
  else
    e=
    # NUL bytes between the variables are dropped by read; known values are enough
    { read -r e <"$R/proc/1/environ"; } 2>/dev/null
    case $e in
      *container=lxc*) v=lxc ;;
      *container=podman*) v=podman ;;
      *container=docker*) v=docker ;;
      *container=systemd-nspawn*) v=systemd-nspawn ;;
    esac
    if [ -z "$v" ] && [ -e "$R/run/.containerenv" ]; then v=podman; fi
    if [ -z "$v" ] && [ -e "$R/.dockerenv" ]; then v=docker; fi
    if [ -z "$v" ] && [ -d "$R/proc/vz" ] && [ ! -d "$R/proc/bc" ]; then v=openvz; fi
    printf 'container\t%s\n' "$v"
  fi
`,
  report: String.raw`
$1 == "virt" && $2 != "" { DETECTED_VIRT = $2 }
$1 == "container" { CONTAINER = $2 }

function container_of(  file, line, found) {
  found = first("/run/systemd/container")
  if (found != "") return found
  if (CONTAINER != "") return CONTAINER
  if (first("/proc/sys/kernel/osrelease") ~ /[Mm]icrosoft/) return "wsl"
  file = R "/proc/1/cgroup"
  while (found == "" && (getline line < file) > 0) {
    if (line ~ /\/(docker|kubepods|containerd)/) found = "docker"
    else if (line ~ /\/lxc/) found = "lxc"
    else if (line ~ /libpod/) found = "podman"
  }
  close(file)
  return found
}

function machine_of(  text, clocks) {
  text = dmi("sys_vendor") "|" dmi("product_name") "|" dmi("board_vendor") "|" dmi("bios_vendor")
  clocks = first("/sys/devices/system/clocksource/clocksource0/available_clocksource")
  if (text ~ /VMware/) return "vmware"
  if (text ~ /VirtualBox|innotek/) return "oracle"
  if (text ~ /Amazon EC2/ && HYPERVISOR_FLAG) return "amazon"
  if (text ~ /Google Compute Engine/) return "google"
  if (text ~ /Parallels/) return "parallels"
  if (text ~ /Apple Virtualization/) return "apple"
  if (text ~ /Microsoft Corporation/ && text ~ /Virtual Machine/) return "microsoft"
  if (text ~ /Xen/ || first("/sys/hypervisor/type") == "xen") return "xen"
  if (clocks ~ /kvm-clock/ || text ~ /KVM|OpenStack/) return "kvm"
  if (text ~ /QEMU|Bochs/) return "qemu"
  if (clocks ~ /hyperv/) return "microsoft"
  return HYPERVISOR_FLAG ? "vm-other" : "none"
}

function part_virt(  found) {
  if (DETECTED_VIRT != "") return js(DETECTED_VIRT)
  found = container_of()
  return js(found == "" ? machine_of() : found)
}
`,
};

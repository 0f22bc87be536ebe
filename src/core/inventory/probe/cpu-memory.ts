import type { ProbePart } from "./part.ts";

/** Processors and memory: /proc/cpuinfo, /sys/devices/system/cpu (where cpuinfo has no topology, as on ARM), /proc/meminfo. */
export const cpuMemoryPart: ProbePart = {
  collect: String.raw`
  for d in "$R"/sys/devices/system/cpu/cpu[0-9]*; do
    [ -r "$d/topology/core_id" ] && printf 'cpu\t%s\n' "$d"
  done
`,
  report: String.raw`
$1 == "cpu" { CPU_DIR[++CPU_DIRS] = $2 }

function see_core(socket, core) {
  if (!((socket "") in SOCKET_SEEN)) { SOCKET_SEEN[socket ""] = 1; SOCKETS++ }
  if (!((socket "/" core) in CORE_SEEN)) { CORE_SEEN[socket "/" core] = 1; CORES++ }
}

function part_cpu(  file, line, colon, key, value, threads, model, socket, i) {
  file = R "/proc/cpuinfo"
  threads = 0
  model = ""
  socket = ""
  while ((getline line < file) > 0) {
    colon = index(line, ":")
    if (!colon) continue
    key = trim(substr(line, 1, colon - 1))
    if (key == "processor") { threads++; continue }
    value = trim(substr(line, colon + 1))
    if (key == "physical id") socket = value
    else if (key == "core id") see_core(socket, value)
    else if (key == "flags" && threads == 1) HYPERVISOR_FLAG = index(" " value " ", " hypervisor ") > 0
    else if (model == "" && (key == "model name" || key == "cpu" || key == "Model")) model = value
  }
  close(file)
  if (threads == 0) threads = CPU_DIRS
  if (threads == 0) return missing("cpu", "/proc/cpuinfo and /sys/devices/system/cpu cannot be read")
  if (SOCKETS == 0) for (i = 1; i <= CPU_DIRS; i++) see_core(first_of(CPU_DIR[i] "/topology/physical_package_id"), first_of(CPU_DIR[i] "/topology/core_id"))
  return "{\"model\":" jso(model) ",\"sockets\":" (SOCKETS ? SOCKETS : 1) ",\"cores\":" (CORES ? CORES : threads) ",\"threads\":" threads "}"
}

function part_memory(  file, line, f, total, swap) {
  file = R "/proc/meminfo"
  total = swap = ""
  while ((swap == "" || total == "") && (getline line < file) > 0) {
    split(line, f, " ")
    if (f[1] == "MemTotal:") total = f[2] * 1024
    else if (f[1] == "SwapTotal:") swap = f[2] * 1024
  }
  close(file)
  if (total == "") return missing("memory", "/proc/meminfo cannot be read")
  return "{\"totalBytes\":" sprintf("%.0f", total) ",\"swapBytes\":" sprintf("%.0f", swap) "}"
}
`,
};

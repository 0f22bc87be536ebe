import type { ProbePart } from "./part.ts";

/**
 * Network interfaces: /sys/class/net; addresses from `ip` or, without it, from /proc/net/fib_trie, /proc/net/route and /proc/net/if_inet6;
 * the default route from /proc/net/route and /proc/net/ipv6_route (flags: linux/route.h).
 */
export const nicsPart: ProbePart = {
  collect: String.raw`
  if [ -d "$R/sys/class/net" ]; then
    printf 'nets\n'
    for d in "$R"/sys/class/net/*; do
      [ -e "$d/mtu" ] || continue
      dev= drv=
      if cd -P "$d/device" 2>/dev/null; then
        dev=$PWD
        cd -P "$d/device/driver" 2>/dev/null && drv=$PWD
      fi
      printf 'nic\t%s\t%s\t%s\n' "$d" "$dev" "$drv"
      tell "$d/speed" "$d/address" "$d/operstate" "$d/mtu"
    done
    cd /
  fi
  if [ -z "$R" ] && has ip; then
    printf '@@ip\n'
    ip -o addr show 2>/dev/null
    printf '@@end\n'
  fi
`,
  report: String.raw`
$1 == "nets" { HAVE_NETS = 1 }
$1 == "nic" { NIC[++NICS] = $2; NIC_DEV[NICS] = $3; NIC_DRV[NICS] = $4 }
SECTION == "ip" && /^[0-9]+:/ { ip_line($0) }

# "2: eth0    inet 10.0.0.1/24 brd ..."; a peer's address stands after "peer", then the own one has no prefix length
function ip_line(line,  f) {
  split(line, f, /[ \t]+/)
  if (f[3] != "inet" && f[3] != "inet6") return
  HAVE_IP = 1
  if (line ~ / temporary( |$)/) return
  sub(/@.*/, "", f[2])
  sub(/:$/, "", f[2])
  give_address(f[2], index(f[4], "/") ? f[4] : f[4] (f[3] == "inet" ? "/32" : "/128"))
}

function give_address(nic, cidr) {
  if ((nic, cidr) in ADDRESS_SEEN) return
  ADDRESS_SEEN[nic, cidr] = 1
  ADDRESSES[nic] = add(ADDRESSES[nic], js(cidr))
}

# flags 0x01: temporary (privacy) address
function read_inet6(  file, line, f) {
  file = R "/proc/net/if_inet6"
  while ((getline line < file) > 0) {
    if (split(line, f, " ") < 6 || hex_value(f[5]) % 2 == 1) continue
    give_address(f[6], ip6_text(f[1]) "/" hex_value(f[3]))
  }
  close(file)
}

# is address (4 decimals) within net/mask (hex words as in /proc/net/route)? returns the prefix length, -1 if not
function within(address, net, mask,  a, i, m, n, bits) {
  split(address, a, ".")
  net = word_order(net)
  mask = word_order(mask)
  bits = 0
  for (i = 1; i <= 4; i++) {
    m = hex_value(substr(mask, i * 2 - 1, 2))
    n = hex_value(substr(net, i * 2 - 1, 2))
    if (m > 0 && int(a[i] / (256 - m)) * (256 - m) != n) return -1
    while (m > 0) { bits++; m = (m * 2) % 256 }
  }
  return bits
}

# own IPv4 addresses without the ip command: local ones of the trie, given to the interface whose connected route holds them
function read_trie(  file, line, f, address, i, bits, best, nic) {
  file = R "/proc/net/fib_trie"
  while ((getline line < file) > 0) {
    if (line ~ /\|-- /) { split(line, f, "-- "); address = f[2] }
    if (line !~ /\/32 host LOCAL/) continue
    if (address ~ /^127\./) { give_address("lo", address "/8"); continue }
    best = 0
    for (i = 1; i <= ROUTES; i++) {
      bits = within(address, R_DEST[i], R_MASK[i])
      if (bits > best) { best = bits; nic = R_NIC[i] }
    }
    if (best) give_address(nic, address "/" best)
  }
  close(file)
}

function read_routes(  file, line, f, metric) {
  file = R "/proc/net/route"
  while ((getline line < file) > 0) {
    if (split(line, f, " ") < 8 || f[1] == "Iface" || hex_value(f[4]) % 2 == 0) continue
    ROUTES++
    R_NIC[ROUTES] = f[1]; R_DEST[ROUTES] = f[2]; R_MASK[ROUTES] = f[8]
    if (f[2] f[8] != "0000000000000000" || DEFAULT_NIC != "" && f[7] + 0 >= metric) continue
    metric = f[7] + 0
    DEFAULT_NIC = f[1]
    DEFAULT_GATEWAY = f[3] == "00000000" ? "" : ip4_of(f[3])
  }
  close(file)
}

function read_routes6(  file, line, f, best, metric) {
  file = R "/proc/net/ipv6_route"
  best = -1
  while ((getline line < file) > 0) {
    # RTF_UP and not RTF_REJECT
    if (split(line, f, " ") < 10 || f[1] f[2] !~ /^0+$/ || f[10] == "lo" || hex_value(f[9]) % 2 == 0 || int(hex_value(f[9]) / 512) % 2) continue
    metric = hex_value(f[6])
    if (best >= 0 && metric >= best) continue
    best = metric
    DEFAULT_NIC = f[10]
    DEFAULT_GATEWAY = f[5] ~ /^0+$/ ? "" : ip6_text(f[5])
  }
  close(file)
}

# last PCI address of a device path such as /sys/devices/pci0000:00/0000:00:03.0/virtio0
function pci_of(path,  part, n, i, found) {
  n = split(path, part, "/")
  found = ""
  for (i = 1; i <= n; i++) if (part[i] ~ /^[0-9a-f]+:[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]\.[0-7]$/) found = part[i]
  return found
}

function nic_json(i,  dir, name, speed) {
  dir = NIC[i]
  name = base_name(dir)
  speed = sys(dir "/speed")
  return "\n{\"name\":" js(name) ",\"virtual\":" jb(NIC_DEV[i] == "") ",\"mac\":" jso(sys(dir "/address")) ",\"speedMbps\":" (speed + 0 > 0 ? jn(speed) : "null") ",\"driver\":" jso(base_name(NIC_DRV[i])) ",\"pciPath\":" jso(pci_of(NIC_DEV[i])) ",\"state\":" js(sys(dir "/operstate")) ",\"mtu\":" jn(sys(dir "/mtu")) ",\"addresses\":[" ADDRESSES[name] "]}"
}

function part_nics(  i, list) {
  read_routes()
  if (!HAVE_IP) { read_trie(); read_inet6() }
  if (!HAVE_NETS) return missing("nics", "/sys/class/net does not exist")
  if (NICS > 512) { gap("nics", "more than 512 interfaces; the rest is left out"); NICS = 512 }
  list = ""
  for (i = 1; i <= NICS; i++) list = add(list, nic_json(i))
  return "[" list "]"
}

function part_route() {
  if (DEFAULT_NIC == "") read_routes6()
  if (DEFAULT_NIC == "") return "null"
  return "{\"gateway\":" jso(DEFAULT_GATEWAY) ",\"nic\":" js(DEFAULT_NIC) "}"
}
`,
};

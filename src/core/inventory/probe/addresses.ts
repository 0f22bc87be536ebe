/** awk functions for addresses as the kernel prints them: host-endian hex in /proc/net/{tcp,route}, network order in if_inet6. */
export const awkAddresses = String.raw`
function hex_value(s,  v, i) {
  v = 0
  s = tolower(s)
  for (i = 1; i <= length(s); i++) v = v * 16 + index(HEX, substr(s, i, 1)) - 1
  return v
}

function big_endian() { return ARCH ~ /^(s390|s390x|ppc|ppc64|mips|mips64|sparc64|m68k|armeb|aarch64_be)$/ }

# 8 hex digits of one 32-bit word in host order -> the same in network order
function word_order(h) {
  if (big_endian()) return h
  return substr(h, 7, 2) substr(h, 5, 2) substr(h, 3, 2) substr(h, 1, 2)
}

function ip4_of(hex) {
  hex = word_order(hex)
  return hex_value(substr(hex, 1, 2)) "." hex_value(substr(hex, 3, 2)) "." hex_value(substr(hex, 5, 2)) "." hex_value(substr(hex, 7, 2))
}

# 32 hex digits, host-endian words
function ip6_of(hex) { return ip6_text(word_order(substr(hex, 1, 8)) word_order(substr(hex, 9, 8)) word_order(substr(hex, 17, 8)) word_order(substr(hex, 25, 8))) }

# 32 hex digits in network order -> text as RFC 5952 wants it
function ip6_text(hex,  g, i, best, best_n, start, n, out) {
  hex = tolower(hex)
  best = best_n = start = n = 0
  for (i = 1; i <= 8; i++) {
    g[i] = substr(hex, i * 4 - 3, 4)
    sub(/^0+/, "", g[i])
    if (g[i] == "") {
      g[i] = "0"
      if (n++ == 0) start = i
      if (n > best_n) { best = start; best_n = n }
    } else n = 0
  }
  if (substr(hex, 1, 24) == "00000000000000000000ffff") return "::ffff:" hex_value(substr(hex, 25, 2)) "." hex_value(substr(hex, 27, 2)) "." hex_value(substr(hex, 29, 2)) "." hex_value(substr(hex, 31, 2))
  if (best_n < 2) best = 0
  out = ""
  for (i = 1; i <= 8; i++) {
    if (i == best) { out = out "::"; i += best_n - 1; continue }
    out = out (out == "" || substr(out, length(out), 1) == ":" ? "" : ":") g[i]
  }
  return out
}
`;

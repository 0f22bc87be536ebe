#!/bin/sh
# Puts our lines between two marks of /etc/hosts (merge), or takes them out (remove). All other lines stay as they are.
set -eu

hosts=/etc/hosts
begin='# halligan base, begin'
end='# halligan base, end'
block=/var/lib/halligan-base/hosts
new=$hosts.halligan

begins=$(grep -cFx "$begin" "$hosts" || true)
ends=$(grep -cFx "$end" "$hosts" || true)
if [ "$begins" != "$ends" ] || [ "$begins" -gt 1 ]; then
  echo "$hosts has $begins lines '$begin' and $ends lines '$end': put that right by hand, nothing was changed" >&2
  exit 1
fi

cp -p "$hosts" "$new"
sed "/^$begin\$/,/^$end\$/d" "$hosts" >"$new"
if [ "$1" = merge ]; then
  [ ! -s "$new" ] || [ -z "$(tail -c 1 "$new")" ] || echo >>"$new"
  cat "$block" >>"$new"
fi
# A container's /etc/hosts may be a mount of its own, which can be written but not replaced.
mv -f "$new" "$hosts" 2>/dev/null || { cat "$new" >"$hosts" && rm -f "$new"; }

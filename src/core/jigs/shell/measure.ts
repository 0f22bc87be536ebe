import { posix } from "./quote.ts";

/** Of kinds that measure the node: `hg_size KIBIBYTES` as words in `hg_v`, and the judgement of a guard with what it said. */
export const measurePrelude = posix`
hg_size() {
  if [ "$1" -ge 10485760 ]; then hg_v="$(($1 / 1048576)) GiB"
  elif [ "$1" -ge 10240 ]; then hg_v="$(($1 / 1024)) MiB"
  else hg_v="$1 KiB"
  fi
}

hg_measured() {
  if [ "$1" = 0 ]; then hg_none "\${2:-as wanted}"; else hg_want change "\${2:-not as wanted}"; fi
}

hg_measured_fail() {
  hg_fail "\${1:-it is not as wanted}, and no step can change that"
}
`;

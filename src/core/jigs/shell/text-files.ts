import { posix } from "./quote.ts";

/**
 * Shell functions for steps that change parts of a text file and leave every other byte alone. `hg_text_look PATH SECRET` judges the file and
 * holds its bytes in `x`. `hg_cut TEXT NEEDLE` splits at the first needle, `hg_entry_swap OLD NEW` replaces one line of `x`; both leave the
 * long way through big texts to `tail`, because removing a prefix takes a shell quadratic time.
 */
export const textFilesPrelude = posix`
hg_text_look() {
  hg_look "$1"
  if [ "$t" = file ] && [ "$2" != 1 ]; then hg_seen="$hg_seen\${d:+ sha256:$d}"; fi
  case $t in
    binary) hg_error="$p holds NUL bytes: it is no text file" ;;
    link) hg_error="$p is a symlink: name the file that it points to" ;;
    dir | other) hg_error="$p is no file ($hg_seen)" ;;
  esac
}

hg_cut() {
  case $1 in *"$2"*) ;; *) return 1 ;; esac
  hg_head=\${1%%"$2"*}
  hg_rest=$(printf %s "$1" | tail -c +$((\${#hg_head} + \${#2} + 1)); printf x)
  hg_rest=\${hg_rest%x}
}

hg_entry_swap() {
  hg_bare=0
  case $x in '' | *"$hg_nl") hg_text=$x ;; *) hg_text=$x$hg_nl hg_bare=1 ;; esac
  if [ -z "$1" ]; then hg_text=$hg_text$2$hg_nl; return; fi
  hg_cut "$hg_nl$hg_text" "$hg_nl$1$hg_nl" || return 1
  hg_text=$hg_head$hg_nl
  [ -z "$2" ] || hg_text=$hg_text$2$hg_nl
  hg_text=\${hg_text#"$hg_nl"}$hg_rest
  [ "$hg_bare" = 0 ] || hg_text=\${hg_text%"$hg_nl"}
}

hg_entry_remember() {
  [ "$hg_memory" = 1 ] && [ ! -e "$1" ] || return 0
  hg_directory_of "$HG_STATE/originals" || return 1
  if [ "$t" = none ]; then hg_a=created
  elif [ -n "$hg_old" ]; then hg_a="replaced $hg_old"
  else
    hg_a=added
    case $x in '' | *"$hg_nl") ;; *) hg_a=bare ;; esac
  fi
  printf '%s\n' "$hg_a" >"$1" || hg_fail "the former line could not be kept"
}

hg_entry_back() {
  hg_v=
  if [ -r "$1" ]; then IFS= read -r hg_v <"$1" || :; fi
  case $hg_v in
    'replaced '*)
      hg_entry_swap "$hg_old" "\${hg_v#replaced }"
      ;;
    *)
      if [ -n "$hg_old" ]; then hg_entry_swap "$hg_old" ''; else hg_text=$x; fi
      if [ "$hg_v" = bare ] && [ "$hg_rest" = '' ]; then hg_text=\${hg_text%"$hg_nl"}; fi
      ;;
  esac
}

hg_entry_write_back() {
  if [ "$hg_v" = created ] && [ -z "$hg_text" ]; then hg_try rm -f -- "$p"; return; fi
  [ "$t" = none ] || [ "$hg_text" = "$x" ] || hg_write_text "$hg_text" "$m" '' ''
}
`;

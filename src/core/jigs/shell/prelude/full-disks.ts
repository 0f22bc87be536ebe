import { posix } from "../quote.ts";

/** Shell text that names file systems without room, within a single-quoted script: what stops a service often says so in no line that is shown. */
export const fullDisks = posix`
    df -kP 2>/dev/null | while read -r fs blocks used free share place; do
      case $fs in Filesystem | udev | devtmpfs | efivarfs | /dev/loop*) continue ;; esac
      if [ "$blocks" -gt 0 ] && [ "$free" -lt 102400 ] && [ $((free * 50)) -lt "$blocks" ]; then
        echo "the disk of $place is full: $((free / 1024)) MiB free of $((blocks / 1024)) MiB"
      fi
    done`;

import { z } from "zod";
import { absolutePath, accountName, flag, oneLine } from "../args.ts";
import type { StepKind } from "../kind.ts";
import { posix, sh } from "../quote.ts";

const schema = z
  .strictObject({
    repository: oneLine
      .regex(/^[A-Za-z0-9/_][^\s]*$/u, "must be the URL or path of a repository")
      .describe("Where git fetches from: a URL or a path on the node. No password may stand in it, git would show it to others."),
    commit: z
      .string()
      .regex(
        /^([0-9a-f]{40}|[0-9a-f]{64})$/u,
        "must be a full commit id of 40 or 64 hexadecimal digits: branches and tags move, so that a plan could not say what it brings; `git ls-remote REPOSITORY` tells the id",
      )
      .describe("Full commit id. Branches and tags are refused: they move, a plan must say what comes."),
    path: absolutePath.describe("Folder of the work tree. Its parent must exist."),
    user: accountName.optional().describe("User whom the work tree belongs to and as whom git runs. Default: the user who runs the step."),
    state: z.enum(["present", "absent"]).default("present").describe("absent, with restore: what undo asks for."),
    restore: flag
      .default(false)
      .describe("With state absent: remove what Halligan fetched, or go back to the commit that was there before."),
  })
  .refine((args) => /^\/[^/]+\/[^/]/u.test(args.path), "path must not be at the top of the file system")
  .refine((args) => args.state === "present" || args.restore, "state: absent needs restore: true; a directory step removes any folder");

const prelude = posix`
hg_git() {
  hg_via=$1
  shift
  hg_as "$hg_via" "$hg_git_user" env GIT_TERMINAL_PROMPT=0 git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c advice.detachedHead=false -C "$hg_git_path" "$@"
}

hg_git_quiet() {
  timeout -k 5 120 "$@" </dev/null 2>/dev/null 3>&- 4>&- 5>&- 7>&- 8>&-
}

hg_git_look() {
  hg_git_path=$1 hg_git_user=$2 hg_git_is= hg_git_dirt= hg_git_from=
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then hg_git_is=absent; return 0; fi
  if [ -L "$1" ] || [ ! -d "$1" ]; then hg_git_is="no folder"; return 0; fi
  if [ ! -e "$1/.git" ]; then
    hg_o=$(ls -A -- "$1" 2>&1)
    if [ -z "$hg_o" ]; then hg_git_is=empty; else hg_git_is="a folder without git"; fi
    return 0
  fi
  command -v git >/dev/null 2>&1 || { hg_git_is="a work tree, but no git on this node"; return 0; }
  hg_o=$(hg_git hg_git_quiet rev-parse --git-dir) || { hg_git_is="a work tree of another user"; return 0; }
  hg_git_is=$(hg_git hg_git_quiet rev-parse --verify -q HEAD) || hg_git_is=begun
  [ "$hg_git_is" = begun ] || hg_git_dirt=$(hg_git hg_git_quiet --no-optional-locks status --porcelain | head -n 20)
  hg_git_from=$(hg_git hg_git_quiet config --get remote.origin.url)
}

hg_git_judge() {
  hg_git_look "$1" "$2"
  [ "$hg_git_is" = "$3" ] && [ -z "$hg_git_dirt" ] && [ "$hg_git_from" = "$4" ]
}

hg_git_seen() {
  case $hg_git_is in
    *' '* | absent | empty | begun) hg_seen=$hg_git_is ;;
    *) hg_seen="commit $hg_git_is" ;;
  esac
  [ -z "$hg_git_dirt" ] || hg_seen="$hg_seen with local changes"
}

hg_git_check() {
  hg_git_seen
  if [ "$1" = 0 ]; then hg_none "commit $2"; return; fi
  case $hg_git_is in
    '' | absent | empty) hg_want create "\${hg_git_is:-absent}" ;;
    *) hg_want change "$hg_seen" ;;
  esac
  hg_diff commit "\${hg_git_is:-absent}" "$2"
  if [ -n "$hg_git_from" ]; then hg_diff repository "$hg_git_from" "$3"; fi
  IFS=$hg_nl
  for hg_line in $hg_git_dirt; do hg_diff "local change" "$hg_line" "as in the commit"; done
  IFS=$hg_space
}

hg_git_remember() {
  [ "$hg_memory" = 1 ] && [ ! -e "$1" ] || return 0
  hg_directory_of "$HG_STATE/originals" || return 1
  case $hg_git_is in
    absent | empty) hg_a=$hg_git_is ;;
    begun) hg_a=empty ;;
    *)
      if [ -n "$hg_git_dirt" ]; then
        hg_fail "$hg_git_path holds local changes that Halligan did not see come: commit or remove them first"
        return 1
      fi
      hg_a="$hg_git_is $hg_git_from"
      ;;
  esac
  printf '%s\n' "$hg_a" >"$1" || hg_fail "the former commit could not be kept"
}

hg_git_commit() {
  hg_git hg_git_quiet cat-file -e "$1^{commit}" >/dev/null
}

hg_git_fetch() {
  hg_git_commit "$2" && return 0
  hg_git hg_run fetch -q --depth 1 --no-tags origin "$2" && hg_git_commit "$2" && return 0
  if [ "$hg_status" = timeout ]; then return 1; fi
  # Some servers give only what a branch or tag points to.
  hg_git hg_run fetch -q --tags origin '+refs/heads/*:refs/remotes/origin/*' || { hg_fail "git could not fetch from $1 (exit code $hg_exit)"; return 1; }
  hg_git_commit "$2" || hg_fail "$1 holds no commit $2"
}

hg_git_checkout() {
  hg_git hg_run config remote.origin.url "$1" && hg_git_fetch "$1" "$2" || { hg_fail "git could not use $hg_git_path (exit code \${hg_exit:-1})"; return 1; }
  hg_git hg_run checkout -q -f --detach "$2" && hg_git hg_run clean -ffdq || hg_fail "git could not check out $2 (exit code $hg_exit)"
}

hg_git_apply() {
  hg_need git || return 1
  case $hg_git_is in
    "no folder" | "a folder without git") hg_fail "$hg_git_path is $hg_git_is: it is not replaced"; return 1 ;;
    "a work tree of another user") hg_fail "$hg_git_path is a work tree that git does not trust: give its owner as user"; return 1 ;;
  esac
  hg_parent "$hg_git_path" && hg_git_remember "$3" || return 1
  if [ "$hg_git_is" = absent ]; then
    hg_try mkdir -m 755 -- "$hg_git_path" || return 1
    if [ -n "$hg_git_user" ]; then hg_try chown -- "$hg_git_user:" "$hg_git_path" || return 1; fi
  fi
  case $hg_git_is in absent | empty) hg_git hg_run init -q || { hg_fail "git init failed (exit code $hg_exit)"; return 1; } ;; esac
  hg_git_checkout "$1" "$2"
}

hg_git_back_check() {
  hg_git_seen
  hg_v=
  if [ ! -r "$1" ]; then hg_none "not ours"; return; fi
  IFS= read -r hg_v <"$1" || :
  case $hg_v:$hg_git_is in
    absent:absent | empty:empty | empty:absent | "$hg_git_is $hg_git_from:"*)
      [ "$hg_mode" != remove ] || rm -f -- "$1"
      hg_none "$hg_seen"
      ;;
    absent:* | empty:*) hg_want destroy "$hg_seen" ;;
    *) hg_want change "$hg_seen"; hg_diff commit "$hg_git_is" "\${hg_v%% *}" ;;
  esac
}

hg_git_back_apply() {
  hg_git_back_check "$1"
  case $hg_v in
    absent) hg_try rm -rf -- "$hg_git_path" || return 1 ;;
    empty) hg_try find "$hg_git_path" -mindepth 1 -delete || return 1 ;;
    *) hg_git_checkout "\${hg_v#* }" "\${hg_v%% *}" || return 1 ;;
  esac
  hg_try rm -f -- "$1"
}
`;

/** A work tree at one commit. */
export const gitKind: StepKind<typeof schema> = {
  kind: "git",
  summary: "A git work tree at exactly one commit, without local changes; ignored files stay.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.path,
  label: (args) => `git ${args.path} ${args.state === "absent" ? "as before" : `at ${args.commit.slice(0, 12)}`}`,
  readOnly: false,
  slowLook: true,
  undo: { class: "restore", means: "The folder is removed; one that was a work tree before goes back to its commit and repository." },
  inverse: (args) => {
    if (args.state === "absent") return undefined;
    const { repository, commit, path, user } = args;
    return { kind: "git", args: { repository, commit, path, state: "absent", restore: true, ...(user === undefined ? {} : { user }) } };
  },
  sources: [],
  secretArgs: [],
  examples: [
    {
      title: "A release",
      yaml: 'git: { repository: "https://git.example.org/shop.git", commit: 4b825dc642cb6eb9a060e54bf8d69288fbee4904, path: /srv/shop, user: shop }',
    },
  ],
  prelude,
  compile(args, _step, context) {
    const { path, user = "", commit, repository } = args;
    const look = sh`hg_git_look ${path} ${user}`;
    const memory = context.memory("originals", `git:${path}`);
    const guard = context.guard({ text: `git ${path} ${commit}`, run: sh`hg_git_judge ${path} ${user} ${commit} ${repository}` });
    // The guard is asked anew before each use: several git steps share its variables.
    const again = sh`[ "$hg_init" = fixture ] || ${look}
`;
    if (args.state === "absent") {
      return {
        check: sh`${again}hg_git_back_check ${memory}`,
        apply: sh`${look}
hg_git_back_apply ${memory}`,
        converges: true,
      };
    }
    return {
      check: sh`hg_git_is= hg_git_dirt= hg_git_from=
if [ "$q_${guard}" != 0 ]; then ${again}fi
hg_git_check "$q_${guard}" ${commit} ${repository}`,
      apply: sh`${look}
hg_git_apply ${repository} ${commit} ${memory}`,
      converges: true,
    };
  },
};

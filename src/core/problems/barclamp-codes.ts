import type { CodeEntry } from "./entry.ts";

/** Problems of barclamps that come from elsewhere, and of settings that go from one version of a barclamp to another. */
export const barclampCodes = {
  SOURCE_INVALID: {
    exit: 2,
    means: "A barclamp cannot be fetched from what was written.",
    cause: "It is neither an address of a git repository nor a folder, or it holds a password, or characters that no address has.",
    action: "Write for example `halligan barclamp add https://git.example.org/barclamps.git@v1.2 --path motd`, or a folder.",
  },
  SOURCE_UNREACHABLE: {
    exit: 5,
    means: "A git repository could not be read.",
    cause: "The network, the address, missing rights (nothing is asked for while fetching), or git is not installed.",
    action: "Try `git ls-remote ADDRESS` by hand; keys and credential helpers of git are used.",
  },
  SOURCE_REF_UNKNOWN: {
    exit: 2,
    means: "A repository has no such branch, tag or commit.",
    cause: "It is misspelt, was deleted, or is a short form of a commit.",
    action: "List them with `git ls-remote ADDRESS`; commits are written in full.",
  },
  SOURCE_NO_BARCLAMP: {
    exit: 2,
    means: "There is no barclamp in that folder.",
    cause: "The barclamp lies in a folder below, or the source has none.",
    action: "Name the folder that holds barclamp.yaml with `--path`.",
  },
  BARCLAMP_ALTERED: {
    exit: 2,
    means: "The files of a barclamp are not those whose digest stands in halligan.lock.",
    cause: "They were changed in the cache or at the source, or halligan.lock was edited or merged badly.",
    action:
      "`halligan barclamp update NAME --locked` fetches what is locked; `halligan barclamp update NAME` takes what the source has now.",
  },
  BARCLAMP_NOT_FETCHED: {
    exit: 2,
    means: "A barclamp of halligan.lock is not in the cache of this folder.",
    cause: "The folder is new here, or somebody else added the barclamp.",
    action: "Run `halligan barclamp update --locked`; it fetches what is missing and changes no versions.",
  },
  BARCLAMP_NOT_LOCKED: {
    exit: 2,
    means: "halligan.lock has no such barclamp.",
    cause: "It is misspelt, lies in barclamps/ beside the cluster file, or comes with Halligan.",
    action: "`halligan barclamp list` tells where each comes from; `halligan barclamp add SOURCE` adds one.",
  },
  LOCK_FILE_CHANGED: {
    exit: 4,
    means: "halligan.lock was changed by somebody else at this moment; it was left alone.",
    cause: "Two people added or updated barclamps at once.",
    action: "Try again.",
  },
  SOURCE_NOTICE: {
    exit: 0,
    means: "Something about a fetched barclamp is worth a look; it was fetched.",
    cause: "It came over an unprotected connection, has submodules (which are left out), or lies also in barclamps/.",
    action: "Look at the files before you use it: `halligan barclamp show NAME` tells where they lie.",
  },
  SETTING_CARRIED: {
    exit: 0,
    means: "A setting of the cluster file is written for another version of its barclamp and was carried over.",
    cause: "The barclamp was brought to another version, which says how its settings changed.",
    action: "`halligan barclamp update --propose` makes a proposal that writes it as the version in use wants it.",
  },
  SETTING_NOT_CARRIED: {
    exit: 2,
    means: "A setting of the cluster file cannot be carried over to the version of its barclamp.",
    cause: "Its value has a form that the barclamp's migration does not know, or old and new settings stand side by side.",
    action: "Write it as the version in use wants it; `halligan barclamp show NAME` lists its settings.",
  },
  SETTING_DEPRECATED: {
    exit: 0,
    means: "A setting will go away in a later version of its barclamp.",
    cause: "The barclamp says so (`deprecated`).",
    action: "Use what the barclamp names in its place.",
  },
  ROLE_DEPRECATED: {
    exit: 0,
    means: "A role will go away in a later version of its barclamp.",
    cause: "The barclamp says so (`deprecated`).",
    action: "Place what the barclamp names in its place.",
  },
  MIGRATION_INVALID: {
    exit: 2,
    means: "A migration of a barclamp cannot work.",
    cause: "It names settings that do not exist, cannot be reversed, or stands in the wrong order.",
    action: "See docs/file-formats.md, Migrations.",
  },
  MIGRATION_DIFFERS: {
    exit: 1,
    means: "A fixture expects other settings than its barclamp's migration gives.",
    cause: "The migration or the fixture is wrong.",
    action: "Compare what the fixture says with what came out.",
  },
} as const satisfies Record<string, CodeEntry>;

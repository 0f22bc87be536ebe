import type { CodeEntry } from "./entry.ts";

/** Problems of people and their rights: people.yaml, principals, links. */
export const peopleCodes = {
  PRINCIPAL_UNKNOWN: {
    exit: 3,
    means: "Nobody in people.yaml is known by this principal, so it may do nothing.",
    cause: "The user, key or chat account is not in people.yaml and was not linked.",
    action: "Ask an admin to add it to people.yaml, or for a code (`halligan link --for PERSON`), and use that with `halligan link CODE`.",
  },
  NOT_ALLOWED: {
    exit: 3,
    means: "The person is known and does not have the role that this needs.",
    cause: "people.yaml does not grant the role, or only for other deployments.",
    action: "Ask somebody who has the role to do it, or an admin to grant it in people.yaml (`halligan whoami` shows what you may do).",
  },
  IDENTITY_UNPROVEN: {
    exit: 3,
    means: "The key that `--identity` names did not prove who you are; nothing was done, and no other identity was tried.",
    cause: "No agent, no such key in it, an unreadable file, a wrong passphrase, or a signature that does not hold.",
    action: "Name a key whose public half is in people.yaml: `--identity FILE`, or `--identity agent` after `ssh-add FILE`.",
  },
  SIGNING_FAILED: {
    exit: 3,
    means: "A key that should sign could not be used.",
    cause: "There is no agent, it does not hold the key, it refused, or the file is no key of a kind that is verified.",
    action: "Name a private key file, or `agent` after `ssh-add FILE`.",
  },
  LINK_REFUSED: {
    exit: 3,
    means: "A code for linking cannot be used, or cannot be made.",
    cause: "It is mistyped, made up, expired, used before, or meant for another principal; or your principal is somebody already.",
    action: "Ask for a new code (`halligan link --for PERSON`); each can be used once, within 10 minutes.",
  },
  LINK_NOT_FOUND: {
    exit: 2,
    means: "The principal was not linked with a code.",
    cause: "A spelling mistake, or it stands in people.yaml.",
    action: "See `halligan link` for what is linked; what stands in people.yaml is taken away there.",
  },
  PRINCIPAL_TWICE: {
    exit: 2,
    means: "A user, key or chat account is written down more than once: it could stand for two people.",
    cause: "A line was copied, or two people share an account or a key.",
    action: "Leave it with one person. People who share a Unix account are told apart by their keys (`--identity`).",
  },
  NAME_TWICE: {
    exit: 2,
    means: "A name in people.yaml stands for two things.",
    cause: "A person and a group have the same name, or one is called `everyone`.",
    action: "Rename one of them.",
  },
  PERSON_UNKNOWN: {
    exit: 2,
    means: "people.yaml, or a command, names a person or group that is not there.",
    cause: "A spelling mistake, or the person was removed and the place where they were named was not.",
    action: "Correct the name, or add the person under `people`.",
  },
  GROUP_CIRCLE: {
    exit: 2,
    means: "A group holds itself, by way of other groups or directly.",
    cause: "Groups were put into each other.",
    action: "Take one of the groups out of the other.",
  },
  KEY_INVALID: {
    exit: 2,
    means: "A public key cannot be read, is too weak, or is of a kind whose signatures are not verified.",
    cause: "The line was cut when it was copied, or it is a certificate, a DSA key or a key of a hardware token.",
    action: "Copy the one line of the .pub file again, or make a new key with `ssh-keygen -t ed25519`.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

import type { CodeEntry } from "./entry.ts";

/** Problems between the engine and a node. */
export const remoteCodes = {
  HOST_UNREACHABLE: {
    exit: 5,
    means: "No SSH connection to the node could be opened.",
    cause: "The host is down, the address or port is wrong, or a firewall drops the packets.",
    action: "Check the address with `ssh`, then retry.",
  },
  NODE_NOT_BACK: {
    exit: 5,
    means: "A node did not come back from a reboot that a step asked for; the steps after it were not started.",
    cause:
      "The machine hangs while it goes down or comes up, came up with another address or host key, or needs more time than the step's timeout.",
    action: "Look at the machine's console. When it is up again, plan and apply: what is done already is not done again.",
  },
  SSH_PROTOCOL: {
    exit: 5,
    means: "Something answers at the node's address, but no SSH conversation came about.",
    cause: "Another service listens on that port, the SSH server hangs, or it shares no algorithm with us.",
    action: "Check address and port with `ssh -v`; for algorithms that are not supported here set `transport: openssh`.",
  },
  HOST_KEY_UNKNOWN: {
    exit: 5,
    means: "The node's SSH host key is not pinned, so its identity cannot be verified.",
    cause: "This is the first contact with the node, or it is known under another name or port.",
    action: "Compare the fingerprint with the machine's console, then accept it with the command that is shown.",
  },
  HOST_KEY_CHANGED: {
    exit: 5,
    means: "The node shows another SSH host key than the one that is pinned. Nothing was sent to it.",
    cause: "The machine was reinstalled, its address now belongs to another machine, or somebody intercepts the connection.",
    action: "Compare the new fingerprint with the machine's console; only if it is right, remove the pinned line and accept the new key.",
  },
  HOST_KEY_REVOKED: {
    exit: 5,
    means: "The node shows an SSH host key that is marked @revoked. Nothing was sent to it.",
    cause: "The key was declared compromised or retired.",
    action: "Give the machine a new host key; do not remove the @revoked line.",
  },
  KNOWN_HOSTS_UNUSABLE: {
    exit: 2,
    means: "The file of pinned host keys cannot be read or written.",
    cause: "Wrong permissions, a full or read-only file system, or a directory in its place.",
    action: "Make the file readable and writable for the user who runs Halligan.",
  },
  AUTH_FAILED: {
    exit: 5,
    means: "The node's SSH server did not accept any of the offered ways to log in.",
    cause: "The public key is not in the user's authorized_keys, the user name is wrong, or the server forbids this way.",
    action: "Install the public key with `ssh-copy-id`, or correct `ssh.user` and `ssh.key` in the cluster file.",
  },
  KEY_UNREADABLE: {
    exit: 2,
    means: "A private key file cannot be used.",
    cause: "The file does not exist, others may read it, or its format is not supported.",
    action: "Correct `ssh.key` in the cluster file, or the permissions of the file.",
  },
  PASSPHRASE_NEEDED: {
    exit: 2,
    means: "A private key is encrypted and no passphrase was given.",
    cause: "The key has a passphrase and is not loaded in an agent that was given.",
    action: "Load the key with `ssh-add`, or give its passphrase.",
  },
  PASSPHRASE_WRONG: {
    exit: 2,
    means: "The passphrase does not open the private key.",
    cause: "A typing mistake, or the passphrase of another key.",
    action: "Try it with `ssh-keygen -y -f FILE`, then give the right passphrase.",
  },
  CONNECTION_LOST: {
    exit: 5,
    means: "The SSH connection to the node ended before the command was started.",
    cause: "The node went down or rebooted, the network was cut, or its SSH server was stopped.",
    action: "Retry; running jobs on the node go on and are picked up again.",
  },
  CHANNEL_REFUSED: {
    exit: 5,
    means: "The node's SSH server refused to run a command on an open connection.",
    cause: "MaxSessions is 0, the account may not run commands, or the node is out of processes or memory.",
    action: "Check `MaxSessions`, `ForceCommand` and the limits of the account on the node.",
  },
  OPENSSH_MISSING: {
    exit: 2,
    means: "`transport: openssh` needs the `ssh` program, and it cannot be started.",
    cause: "OpenSSH's client is not installed, or it is not on the PATH.",
    action: "Install it (`apt-get install openssh-client`), or use `transport: ssh2`.",
  },
  OPENSSH_NO_PASSWORD: {
    exit: 2,
    means: "`transport: openssh` cannot log in with a password.",
    cause: "The system's `ssh` takes passwords from a terminal only.",
    action: "Use a key or an agent, or set `transport: ssh2` for this node.",
  },
  BECOME_PASSWORD_NEEDED: {
    exit: 5,
    means: "sudo on the node asks for a password and none was given.",
    cause: "The login user has no NOPASSWD rule and the cluster file has no `becomePassword`.",
    action: "Add `becomePassword: { ask: true }` (or env, file) to the ssh settings, or a NOPASSWD rule on the node.",
  },
  BECOME_PASSWORD_WRONG: {
    exit: 5,
    means: "sudo on the node refused the password.",
    cause: "The password is wrong or has changed.",
    action: "Correct the password that `becomePassword` refers to.",
  },
  BECOME_REFUSED: {
    exit: 5,
    means: "The login user may not become root on the node.",
    cause: "sudo is missing, demands a terminal, or has no rule for this user.",
    action: "Log in and run `sudo -l`; allow the user, log in as root, or set `become: none`.",
  },
  NODE_SHELL: {
    exit: 5,
    means: "The node's shell did not run what the engine sent.",
    cause: "A forced command, a restricted login shell, or a missing /bin/sh.",
    action: "Log in with `ssh` and run `/bin/sh -c true`; the login user needs a plain shell.",
  },
  NODE_DISK_FULL: {
    exit: 5,
    means: "The node has no room, or no write access, for the engine's own files.",
    cause: "A full or read-only file system below /var/lib, /run or the user's home.",
    action: "Make room or remount it writable, then plan and apply again. Nothing was started on this node.",
  },
  PROTOCOL_ERROR: {
    exit: 5,
    means: "What the node's script printed could not be understood.",
    cause: "The answer was changed on its way, or a tool on the node behaves unusually.",
    action: "Run again with `--trace`; `halligan doctor NODE` tests the node's shell and tools.",
  },
  NODE_BUSY: {
    exit: 4,
    means: "Another job still goes on on the node.",
    cause: "A run was abandoned while its job ran there, or another cluster's engine works on the same node.",
    action: "Wait until it has ended (`ls /var/lib/halligan/jobs` on the node), then plan and apply again.",
  },
} as const satisfies Record<string, CodeEntry>;

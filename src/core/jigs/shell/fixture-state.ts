import { z } from "zod";

const file = z
  .strictObject({
    content: z.string().optional().describe("What the file holds; default: nothing."),
    source: z.string().min(1).optional().describe("Instead of content: what a file of the barclamp's `files/` folder holds."),
    mode: z.string().optional().describe('Octal digits, such as "0644"; default 0644, directories 0755.'),
    owner: z.string().optional().describe("user:group; default root:root."),
    directory: z.boolean().optional().describe("It is a directory."),
    link: z.string().optional().describe("It is a symlink with this target."),
    absent: z.boolean().optional().describe("It does not exist: the default for every path that is not named."),
  })
  .nullable();

/** The schema of `observed:` in a barclamp's fixture. What is not named is not there: no file, no package, no user, an inactive service, a command that fails. */
export const fixtureStateSchema = z.strictObject({
  files: z.record(z.string(), file).optional().describe("By absolute path; null = absent."),
  packages: z.record(z.string(), z.string().nullable()).optional().describe("Installed version by package name; null = not installed."),
  users: z
    .record(
      z.string(),
      z
        .strictObject({ uid: z.int().optional(), gid: z.int().optional(), home: z.string().optional(), shell: z.string().optional() })
        .nullable(),
    )
    .optional()
    .describe("By name; null = absent. Default uid 1000, gid = uid, home /home/NAME, shell /bin/sh."),
  groups: z
    .record(z.string(), z.strictObject({ gid: z.int().optional(), members: z.array(z.string()).optional() }).nullable())
    .optional()
    .describe("By name; null = absent."),
  services: z
    .record(z.string(), z.strictObject({ active: z.boolean(), enabled: z.boolean() }))
    .optional()
    .describe("By name."),
  commands: z
    .record(z.string(), z.int())
    .optional()
    .describe(
      "Exit code by the text of a guard (unless, onlyIf), by `port HOST:PORT` (0 = open), `http URL`, `git PATH COMMIT`, `hostname NAME`, `sysctl KEY=VALUE`, `kernel-module NAME`, `mount TARGET`, `container NAME` (0 = as wanted), `reboot needed` (0 = needed). Default 1.",
    ),
});

/**
 * A node's state as a fixture says it; it takes the place of gathering, so that a barclamp's steps are judged by the very shell code that
 * judges a node, without touching the machine.
 *
 * ```yaml
 * observed:
 *   files: { /etc/motd: { content: "old\n", mode: "0644", owner: root:root }, /srv: { directory: true } }
 *   packages: { nginx: 1.22.1-9 }
 *   users: { app: { uid: 999 } }
 *   services: { nginx: { active: true, enabled: true } }
 *   commands: { "test -e /var/lib/app/ready": 0 }
 * ```
 */
export type FixtureState = z.output<typeof fixtureStateSchema>;

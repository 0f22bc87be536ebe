import { z } from "zod";
import { approvalTtl, defaultApprovalRule } from "./approvals.ts";
import { parseDuration } from "./duration.ts";
import { nameSchema } from "./ids.ts";
import { alphabetNames, classesOf, defaultPolicy, generatedLength } from "./secret-policy.ts";

/** `30s`, `5m`, `1h30m`. */
export const durationText = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, "must be a duration such as 30s, 5m or 1h30m")
  .meta({ description: "A duration: 250ms, 30s, 5m, 1h30m, 7d.", examples: ["30s"] });

const attributeName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/u, "letters, digits and `_`, starting with a letter");

const settings = z
  .record(nameSchema, z.record(attributeName, z.unknown()))
  .meta({ description: "Settings by barclamp, then attribute: `nginx: { port: 8080 }`." });

const selectorText = z
  .string()
  .min(1)
  .meta({ description: "A selector: all, tier=control & rack!=r2, name=ctl-*.", examples: ["tier=control"] });

const secretKeys = ["generate", "env", "file", "command", "ask"] as const;

/** What the schema says where a text stands instead of a reference; its code is `SECRET_LITERAL`. */
export const secretWrittenOut = "a secret must not be written out here";

const secretLength = z.int().min(generatedLength.least).max(generatedLength.most);

const generatedSecret = z
  .strictObject({
    length: secretLength.optional().meta({ description: "Number of characters.", default: defaultPolicy.length }),
    alphabet: z.enum(alphabetNames).optional().meta({ description: "What it is made of.", default: defaultPolicy.alphabet }),
    minClasses: z.int().min(1).max(4).optional().meta({
      description: "So many of lower case, upper case, digits and other characters must occur.",
      default: defaultPolicy.minClasses,
    }),
  })
  .superRefine(({ alphabet = defaultPolicy.alphabet, minClasses = 1 }, context) => {
    const most = classesOf(alphabet);
    if (minClasses > most)
      context.addIssue({
        code: "custom",
        path: ["minClasses"],
        message: `${alphabet} has ${most} kinds of characters, fewer than ${minClasses}`,
      });
  });

const secret = z
  .strictObject(
    {
      generate: z
        .union([secretLength, generatedSecret])
        .optional()
        .meta({ description: "Make it once and keep it sealed: so many characters of A-Z a-z 0-9, or as the map says." }),
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "must be the name of an environment variable")
        .optional()
        .meta({ description: "Take it from this environment variable of the engine." }),
      file: z.string().min(1).optional().meta({ description: "Take it from this file." }),
      command: z
        .array(
          z
            .string()
            .min(1)
            .refine((word) => !word.includes("\0"), "must not hold a NUL byte"),
        )
        .min(1)
        .max(64)
        .optional()
        .meta({ description: "Take what this program prints; words of a command line, no shell.", examples: [["pass", "show", "lab/db"]] }),
      ask: z.literal(true).optional().meta({ description: "Ask for it in the terminal when it is needed." }),
    },
    {
      error: (issue) =>
        issue.code === "invalid_type" && (typeof issue.input === "string" || typeof issue.input === "number")
          ? secretWrittenOut
          : undefined,
    },
  )
  .superRefine((source, context) => {
    if (secretKeys.filter((key) => source[key] !== undefined).length !== 1)
      context.addIssue({ code: "custom", message: "must have exactly one of `generate`, `env`, `file`, `command` and `ask`" });
  })
  .meta({ description: "Where a secret comes from; never the secret itself." });

const port = z.int().min(1).max(65_535);

const jumpHost = z.string().regex(/^([^@\s]+@)?([^@:\s[\]]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/u, "must be user@host:port");

const sshShape = {
  user: z
    .string()
    .regex(/^[^\s@:]+$/u, "must be a user name")
    .optional()
    .meta({ description: "Login user. Default: the user who runs Halligan." }),
  port: port.optional().meta({ description: "Port of the SSH server.", default: 22 }),
  key: z.string().min(1).optional().meta({ description: "One private key file; `~` is allowed." }),
  keys: z.array(z.string().min(1)).optional().meta({ description: "Several private key files, tried in this order." }),
  agent: z.boolean().optional().meta({ description: "Use the SSH agent.", default: true }),
  password: secret.optional().meta({ description: "Reference to the login password." }),
  passphrase: secret.optional().meta({ description: "Reference to the passphrase of the private key." }),
  become: z.enum(["sudo", "none"]).optional().meta({ description: "How to become root.", default: "none" }),
  becomePassword: secret.optional().meta({ description: "Reference to the password that sudo asks for." }),
  jump: z
    .union([jumpHost, z.array(jumpHost)])
    .optional()
    .meta({ description: "Hosts to jump over, first hop first: user@host:port." }),
  hostKeys: z
    .enum(["strict", "accept-new"])
    .optional()
    .meta({ description: "What to do with a host key that is not known.", default: "strict" }),
  connectTimeout: durationText.optional().meta({ description: "How long a connection may take to come up.", default: "10s" }),
  transport: z.enum(["ssh2", "openssh"]).optional().meta({ description: "Built-in SSH, or the system's `ssh`.", default: "ssh2" }),
};

/** The `ssh` map of a cluster or a node. */
export const sshFileSchema = z
  .strictObject(sshShape)
  .refine((ssh) => ssh.key === undefined || ssh.keys === undefined, "has both `key` and `keys`; write one of them")
  .refine(
    (ssh) => [ssh.password, ssh.passphrase, ssh.becomePassword].every((each) => each?.generate === undefined),
    "a password for logging in cannot be generated",
  )
  .meta({ description: "How nodes are reached." });

const nodeSchema = z
  .strictObject({
    address: z.string().min(1).meta({ description: "IPv4 or IPv6 address or host name; ranges count along with those of the name." }),
    port: port.optional().meta({ description: "Port of the SSH server; before `ssh.port`." }),
    labels: z
      .record(
        z.string().regex(/^[A-Za-z]([A-Za-z0-9_./-]{0,61}[A-Za-z0-9])?$/u, "letters, digits and `_./-`, starting with a letter"),
        z.union([z.string(), z.number(), z.boolean()]),
      )
      .optional()
      .meta({ description: "Labels for selectors: `tier: control`. Values may have ranges." }),
    ssh: sshFileSchema.optional(),
    set: settings.optional(),
  })
  .meta({ description: "A node, or several when the name has a range." });

const groupSchema = z
  .strictObject({ on: selectorText, set: settings })
  .meta({ description: "Settings for the nodes that a selector picks." });

const placementSchema = z
  .strictObject({
    on: selectorText,
    count: z.int().min(1).optional().meta({ description: "How many of the selected nodes; default all of them." }),
    spread: z.string().min(1).optional().meta({ description: "Label over whose values the chosen nodes are spread." }),
    avoid: z
      .union([nameSchema, z.array(nameSchema)])
      .optional()
      .meta({ description: "Roles whose nodes are not chosen." }),
  })
  .meta({ description: "Where a role goes." });

const rolloutSchema = z
  .strictObject({
    batch: z
      .union([z.int().min(1), z.string().regex(/^([1-9]\d?|100)%$/u, "must be a number of nodes or a share such as 25%")])
      .optional()
      .meta({ description: "Nodes of one role at a time: a number or a share such as 25%; default all at once." }),
    maxFailures: z
      .int()
      .min(0)
      .optional()
      .meta({ description: "No new work is started once more nodes than this have failed; default 0 with `batch`, else no bound." }),
    restarts: z.enum(["now", "later"]).optional().meta({
      description: "Restarts that changes ask for: at the end of the node-role, or not before `halligan restart`.",
      default: "now",
    }),
    onUnreachable: z.enum(["skip-and-report", "fail"]).optional().meta({
      description: "What to do with nodes that do not answer: leave them out and report them, or start nothing more.",
      default: "skip-and-report",
    }),
  })
  .meta({ description: "How the deployment is rolled out." });

const lifeText = durationText.refine((text) => {
  const ms = parseDuration(text) ?? approvalTtl.leastMs;
  return ms >= approvalTtl.leastMs && ms <= approvalTtl.mostMs;
}, "must be from 1m to 30d");

const neededPeople = z.int().min(0).max(20).meta({ description: "How many people must approve; 0 = nobody is asked." });

const approvalRuleSchema = z
  .union([
    neededPeople,
    z.strictObject({
      people: neededPeople.optional().meta({ default: defaultApprovalRule.people }),
      groups: z
        .array(nameSchema)
        .min(1)
        .optional()
        .meta({ description: "Groups of people.yaml whose members count; default: all who may approve." }),
      excludeAuthor: z.boolean().optional().meta({ description: "Who made the plan does not count.", default: true }),
      excludeEditor: z.boolean().optional().meta({ description: "Who changed the files last does not count.", default: true }),
      ttl: lifeText.optional().meta({ description: "How long a request waits.", default: "60m" }),
      stepUp: z.boolean().optional().meta({ description: "Votes must be signed with the person's SSH key.", default: false }),
    }),
  ])
  .meta({ description: "How many people, or a map." });

const approvalsSchema = z
  .strictObject({
    default: approvalRuleSchema.optional().meta({ description: "For every plan.", default: 1 }),
    destructive: approvalRuleSchema.optional().meta({ description: "Also, for plans that remove or destroy something." }),
    pointOfNoReturn: approvalRuleSchema.optional().meta({ description: "Also, for plans that change a role marked `critical`." }),
    ttl: lifeText.optional().meta({ description: "How long a request waits, where a rule has no `ttl` of its own.", default: "60m" }),
  })
  .meta({ description: "Who must approve before a run; enforced where there is a people.yaml." });

const deploymentSchema = z
  .strictObject({
    place: z.record(nameSchema, z.union([selectorText, placementSchema])).meta({ description: "Roles and the nodes that they go to." }),
    set: settings.optional(),
    secrets: z
      .record(z.string().regex(/^[a-z0-9-]+\.[A-Za-z][A-Za-z0-9_]*$/u, "must be barclamp.attribute"), secret)
      .optional()
      .meta({ description: "Secrets by `barclamp.attribute`." }),
    use: z
      .record(z.string(), nameSchema)
      .optional()
      .meta({ description: "Capability -> role that shall provide it, where several could." }),
    rollout: rolloutSchema.optional(),
    approvals: approvalsSchema.optional(),
    budget: durationText.optional().meta({ description: "How long a run of the deployment should take at most." }),
  })
  .meta({ description: "A named choice of roles, their placement and settings." });

const freezeSchema = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .meta({
        description: "When it begins: 22:00 (every day), fri 16:00 (every week), 2026-12-23 18:00 (once).",
        examples: ["fri 16:00"],
      }),
    to: z
      .string()
      .min(1)
      .meta({ description: "When it ends, written like `from`; it may go over midnight or the end of the week.", examples: ["mon 08:00"] }),
    zone: z
      .string()
      .min(1)
      .meta({ description: "Time zone by its IANA name.", examples: ["Europe/Berlin"] }),
    reason: z.string().min(1).meta({ description: "Why nothing starts then." }),
    deployments: z.array(nameSchema).min(1).optional().meta({ description: "Deployments that it covers; default all." }),
  })
  .meta({ description: "A time in which nothing is started." });

const labelText = z.string().min(1).max(63);

const workersSchema = z
  .strictObject({
    only: z
      .array(labelText)
      .optional()
      .meta({ description: "Sites (values of the label `site`) whose nodes only workers may touch: without one, runs are held." }),
    atOnce: z
      .record(labelText, z.int().min(1).max(10_000))
      .optional()
      .meta({ description: "By label: at most so many jobs at once on nodes that share its value.", examples: [{ site: 50, rack: 4 }] }),
  })
  .meta({ description: "Workers near the nodes, and how many jobs run at once where." });

/** The whole of `cluster.yaml`, as written. */
export const clusterFileSchema = z
  .strictObject({
    halligan: z.literal(1).meta({ description: "Version of the file format." }),
    cluster: nameSchema.meta({ description: "Name of the cluster." }),
    ssh: sshFileSchema.optional(),
    nodes: z.record(z.string(), nodeSchema).meta({ description: "Nodes by name; `cmp-[01-20]` stands for twenty." }),
    set: settings.optional(),
    groups: z.record(nameSchema, groupSchema).optional().meta({ description: "Settings for groups of nodes; earlier groups win." }),
    deployments: z.record(nameSchema, deploymentSchema).optional().meta({ description: "What is deployed." }),
    workers: workersSchema.optional(),
    freezes: z.record(nameSchema, freezeSchema).optional().meta({ description: "Times in which nothing is started, by name." }),
  })
  .meta({ title: "Halligan cluster file" });

/** `cluster.yaml` after the schema has accepted it. */
export type ClusterFile = z.output<typeof clusterFileSchema>;
/** The `ssh` map after the schema has accepted it. */
export type SshFile = z.output<typeof sshFileSchema>;
/** A secret's source as written. */
export type SecretSourceFile = z.output<typeof secret>;
/** One rule of an `approvals` block as written. */
export type ApprovalRuleFile = z.output<typeof approvalRuleSchema>;

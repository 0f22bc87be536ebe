import { z } from "zod";
import { nameSchema } from "../model/ids.ts";
import { defineCommand } from "./command.ts";

/** `init` and other commands that write files. */
export interface WrittenDocument {
  readonly halligan: 1;
  readonly kind: "written";
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Commands that make sense now. */
  readonly next: readonly string[];
}

/** Writes a commented cluster file. */
export const initCommand = defineCommand({
  id: "init",
  area: "start",
  summary: "Write a commented cluster.yaml to start from",
  details:
    "Writes cluster.yaml (or the file that -f names) and never overwrites one. With --people it writes a people.yaml beside it instead, in which you are the admin: from then on everybody may do only what it grants.",
  args: () =>
    z.object({
      name: nameSchema.default("my-cluster").describe("Name of the cluster"),
      user: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9._-]{0,31}$/u, "a user name such as root or ops")
        .default("root")
        .describe("User to log in as"),
      people: z.boolean().default(false).describe("Write people.yaml instead: who may do what"),
    }),
  positionals: ["name"],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: { no: "It writes files into the folder in which it is typed." },
  examples: [
    { line: "halligan init lab-a --user ops", does: "writes ./cluster.yaml for cluster lab-a" },
    { line: "halligan init --people", does: "writes ./people.yaml with you as its admin" },
  ],
  async run(context, { name, user, people }) {
    const file = context.local.clusterFile;
    const cut = file.lastIndexOf("/");
    const folder = file.slice(0, cut) || "/";
    if (people) {
      const { peopleText } = await import("./init-people.ts");
      const written = await context.local.writeNew(folder, [{ path: "people.yaml", text: peopleText(context.by) }]);
      const next = ["Add the others under `people` and give them roles (docs/people.md).", "halligan validate", "halligan whoami"];
      const document: WrittenDocument = { halligan: 1, kind: "written", files: written, next };
      return { exit: 0, document: { ...document } };
    }
    const files = await context.local.writeNew(folder, [{ path: file.slice(cut + 1), text: clusterText(name, user) }]);
    const document: WrittenDocument = {
      halligan: 1,
      kind: "written",
      files,
      next: [`Put your machines under \`nodes\` in ${file.slice(cut + 1)}.`, "halligan validate", "halligan discover", "halligan plan"],
    };
    return { exit: 0, document: { ...document } };
  },
});

function clusterText(name: string, user: string): string {
  return `# A cluster file: which machines there are, and what they shall become. Check it with \`halligan validate\`.
# Editors complete it with the schema that \`halligan schema cluster\` prints.
halligan: 1
cluster: ${name}

# How to log in. Each node may say otherwise in an \`ssh\` of its own.
ssh:
  user: ${JSON.stringify(user)}
  # key: ~/.ssh/id_ed25519     # default: the agent, then the usual keys in ~/.ssh
  become: ${user === "root" ? "none " : "sudo "}              # sudo | none
  hostKeys: strict           # strict: a key must be accepted once; accept-new: pinned at first sight

# The machines. Ranges stand for many: web-[1-3] with 10.0.0.1[1-3] are three nodes.
nodes:
  web-1:
    address: 192.0.2.11
    labels: { tier: web }

# What they shall become: roles of barclamps (\`halligan barclamp list\`), placed by selectors.
deployments: {}
  # base:
  #   place:
  #     base: { on: all }
  #   set:
  #     base: {}
  #   rollout: { batch: 25%, maxFailures: 1 }
`;
}

import { z } from "zod";
import { absolutePath, flag, oneOrMany, text } from "../args.ts";
import { hexDigest, type StepContext } from "../context.ts";
import type { StepKind } from "../kind.ts";
import { containersPrelude } from "../prelude/containers.ts";
import { lines, rawShell, type Sh, sh } from "../quote.ts";

const word = z.string().regex(/^[^\s\n]+$/u, "must be one word");
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/u, "must be letters, digits, dots, dashes and underscores");
const value = z.union([text, z.number().transform(String), z.boolean().transform(String)]);

/** Variables that the engine's own program reads too: odd values of theirs cannot be handed over by its environment. */
const clientVariables =
  /^(PATH|HOME|SHELL|TMPDIR|LC_.*|LANG|(LD|XDG|DOCKER|CONTAINER|CONTAINERS|BUILDAH|PODMAN|REGISTRY)_.*|.*_proxy|.*_PROXY)$/u;
/** What every reader of a file of variables takes as it stands. */
const plain = /^[A-Za-z0-9_./:@%+,=-]+$/u;

const schema = z
  .strictObject({
    name: name.describe("Name of the container."),
    image: z
      .string()
      .regex(/^[a-z0-9][A-Za-z0-9_./:-]*@sha256:[0-9a-f]{64}$/u, "must name its digest: tags move; example.org/app@sha256:...")
      .optional()
      .describe("Image with its digest; fetched when the node does not have it."),
    archive: absolutePath
      .optional()
      .describe("Instead: an archive on the node with one image, as `podman save` or `docker save` write it."),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/u, "must be 64 hexadecimal digits")
      .optional()
      .describe("With archive: its SHA-256."),
    command: oneOrMany(text).optional().describe("Words that take the place of the image's command; no shell."),
    entrypoint: word.optional().describe("Program that takes the place of the image's entry point."),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "must be the name of a variable"), value)
      .default({})
      .describe("Environment variables. Their values never stand on a command line; who may inspect containers sees them."),
    ports: z
      .array(
        z
          .string()
          .regex(
            /^(((\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:]+\]):)?\d{1,5}(-\d{1,5})?:\d{1,5}(-\d{1,5})?(\/(tcp|udp))?$/u,
            'must be "8080:80", "127.0.0.1:8080:80" or "53:53/udp"',
          ),
      )
      .default([])
      .describe("Published ports, host first."),
    volumes: z
      .array(
        z
          .string()
          .regex(/^(\/[^:\n]*|[A-Za-z0-9][A-Za-z0-9_.-]*):\/[^:\n]*(:[A-Za-z,]+)?$/u, 'must be "/srv/data:/data" or "name:/data:ro"'),
      )
      .default([])
      .describe("Folders of the node or named volumes. A named volume stays when the container goes."),
    network: word.optional().describe("host, none, or the name of a network."),
    user: word.optional().describe("User in the container."),
    workdir: absolutePath.optional().describe("Folder in the container."),
    labels: z.record(word, value).default({}).describe("Labels."),
    options: z
      .array(text.refine((each) => /^--[a-z]/u.test(each), "must begin with --"))
      .default([])
      .describe("Further words for `create`, such as --memory=512m; no secrets."),
    restart: z
      .enum(["no", "on-failure", "always", "unless-stopped"])
      .default("always")
      .describe("What happens when it ends. podman starts none at boot without its podman-restart service."),
    engine: z.enum(["auto", "podman", "docker"]).default("auto").describe("auto: podman where it is there, else docker."),
    state: z.enum(["running", "stopped", "absent"]).default("running").describe("absent: the container is stopped and removed."),
    restore: flag.default(false).describe("With state absent: only if Halligan made it, and with the image that came for it."),
  })
  .refine((args) => args.state === "absent" || (args.image === undefined) !== (args.archive === undefined), "give image or archive")
  .refine((args) => (args.archive === undefined) === (args.sha256 === undefined), "give sha256 with archive")
  .refine(
    (args) => Object.entries(args.env).every(([key, each]) => plain.test(each) || each === "" || !clientVariables.test(key)),
    "env: a variable that podman and docker read themselves may only hold letters, digits and _./:@%+,=-",
  );

type Container = z.output<typeof schema>;

/** A container of podman or docker. */
export const containerKind: StepKind<typeof schema> = {
  kind: "container",
  summary: "A container of podman or docker, made anew only when what is declared of it has changed.",
  schema,
  shorthand: () => undefined,
  naturalId: (args) => args.name,
  label: (args) => `container ${args.name}${args.state === "running" ? "" : ` ${args.state}`}`,
  readOnly: false,
  slowLook: true,
  undo: {
    class: "inverse",
    means:
      "The container is removed with its unnamed volumes, and the image if it came with it and nothing else uses it; named volumes and networks stay.",
  },
  inverse: (args) =>
    args.state === "absent"
      ? undefined
      : { kind: "container", args: { name: args.name, engine: args.engine, state: "absent", restore: true } },
  sources: [],
  secretArgs: ["env"],
  examples: [
    {
      title: "From a registry",
      yaml: 'container: { name: web, image: "docker.io/library/nginx@sha256:4c0fdaa8b6341bfdeca5f18f7837462c80cff90527ee35ef185571e1c327beac", ports: ["80:80"], volumes: ["/srv/www:/usr/share/nginx/html:ro"] }',
    },
    {
      title: "From an archive that an earlier step brought, with a secret",
      yaml: 'container: { name: app, archive: /srv/app.tar, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, command: [serve, --port, "80"], env: { TOKEN: "{{ set.token }}" }, network: host }',
    },
  ],
  prelude: containersPrelude,
  compile(args, step, context) {
    const spec = hexDigest(JSON.stringify(specification(args)));
    const { index } = context;
    const number = context.guard({ text: `container ${args.name}`, run: sh`hg_container_look ${index} ${args.engine} ${args.name}` });
    const memory = context.memory("originals", `container:${args.name}`);
    const third = args.state === "absent" ? sh`${args.restore ? 1 : 0}` : sh`${spec}`;
    const look = sh`hg_container_check "$q_${number}" "$K_${index}" ${args.state} ${third}`;
    const check = step.secret ? sh`${look}; hg_diffs=` : look;
    if (args.state === "absent")
      return { check, apply: sh`hg_container_gone ${args.engine} ${args.name} ${args.restore ? memory : sh`''`}`, converges: true };
    const start = sh`hg_container_start ${args.name} || return 1`;
    return {
      check,
      apply: lines(
        sh`${check}
hg_container_ready ${args.engine} ${args.name} || return 1`,
        sh`if [ "$hg_spec" != ${spec} ] || [ "$hg_running" = absent ]; then`,
        make(args, spec, memory, context),
        sh`fi`,
        args.state === "running" ? start : sh`[ "$hg_running" != true ] || hg_try "$hg_engine" stop -t 10 ${args.name}`,
      ),
      notify:
        args.state === "running"
          ? sh`hg_container_engine ${args.engine} && hg_run "$hg_engine" restart -t 10 ${args.name} || hg_fail "the container did not restart"`
          : sh`return 0`,
      converges: true,
    };
  },
};

/** What makes it another container: everything but its state. */
function specification(args: Container): unknown {
  const { state: _state, restore: _restore, ...rest } = args;
  return { ...rest, env: Object.entries(args.env), labels: Object.entries(args.labels) };
}

/** The new container is made beside the old one, which goes on until there is one to take its place. */
function make(args: Container, spec: string, memory: Sh, context: StepContext): Sh {
  const enter = `hg_container_env_${context.index}`;
  const entries = Object.entries(args.env);
  const inFile = entries.filter(([, each]) => plain.test(each));
  const inherited = entries.filter(([, each]) => !plain.test(each));
  const variables = context.content(new TextEncoder().encode(inFile.map(([key, each]) => `${key}=${each}\n`).join("")));
  const options = [
    `--label=io.halligan.spec=${spec}`,
    `--restart=${args.restart}`,
    ...args.ports.map((each) => `--publish=${each}`),
    ...args.volumes.map((each) => `--volume=${each}`),
    ...(args.network === undefined ? [] : [`--network=${args.network}`]),
    ...(args.user === undefined ? [] : [`--user=${args.user}`]),
    ...(args.workdir === undefined ? [] : [`--workdir=${args.workdir}`]),
    ...(args.entrypoint === undefined ? [] : [`--entrypoint=${args.entrypoint}`]),
    ...Object.entries(args.labels).map(([key, each]) => `--label=${key}=${each}`),
    ...inherited.map(([key]) => `--env=${key}`),
    ...args.options,
  ];
  const fetch =
    args.image === undefined
      ? sh`hg_container_load ${memory} ${args.archive ?? ""} ${args.sha256 ?? ""} || return 1`
      : sh`hg_container_pull ${memory} ${args.image} || return 1`;
  return lines(
    fetch,
    sh`hg_pour_into "$HG_VOLATILE/env" ${variables} || { hg_fail "the variables could not be written"; return 1; }`,
    rawShell(`${enter}() {`),
    ...inherited.map(([key, each]) => sh`export ${rawShell(key)}=${each}`),
    rawShell(":\n}"),
    sh`hg_pre=${rawShell(enter)}
hg_container_make ${args.name} ${options} --env-file="$HG_VOLATILE/env" "$hg_image" ${args.command ?? []} || { rm -f -- "$HG_VOLATILE/env"; return 1; }
rm -f -- "$HG_VOLATILE/env"
hg_container_swap ${args.name} || return 1`,
  );
}

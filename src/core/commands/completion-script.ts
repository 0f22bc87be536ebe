import type { CommandDefinition } from "./command.ts";
import { globalOptions } from "./globals.ts";
import { type ArgumentShape, argumentShapes } from "./shape.ts";

/** What the shell needs of one command. */
interface Completable {
  readonly id: string;
  readonly summary: string;
  readonly options: readonly ArgumentShape[];
  /** Words, or a kind of names, that stand at a place. */
  readonly places: readonly string[];
  /** What stands at the last place may stand there again. */
  readonly again: boolean;
}

/** Positionals and options whose values are names from the cluster file, or ids from the store. */
const nameKinds: Readonly<Record<string, string>> = {
  node: "nodes",
  nodes: "nodes",
  selector: "nodes",
  deployment: "deployments",
  deployments: "deployments",
  barclamp: "barclamps",
  run: "runs",
  reviewed: "runs",
  plan: "plans",
  freeze: "freezes",
  targets: "targets",
  rule: "rules",
  of: "logged",
  nodeRole: "nodeRoles",
  request: "requests",
  revision: "revisions",
  other: "revisions",
  proposal: "proposals",
  secret: "secrets",
  secrets: "secrets",
};

/** A completion script. Names come from `halligan complete KIND`, asked only when a name is being completed. */
export function completionScript(shell: "bash" | "zsh" | "fish", all: readonly CommandDefinition[]): string {
  const shown = all.filter((each) => each.hidden !== true).map(completable);
  switch (shell) {
    case "bash":
      return bashScript(shown);
    case "zsh":
      return zshScript(shown);
    case "fish":
      return fishScript(shown);
    default:
      return shell satisfies never;
  }
}

function completable(definition: CommandDefinition): Completable {
  const shapes = argumentShapes(definition.args, definition.positionals);
  const places = definition.positionals.map((key) => {
    const shape = shapes.find((each) => each.key === key);
    if (shape !== undefined && shape.choices.length > 0) return shape.choices.join(" ");
    const barclampName = definition.id.startsWith("barclamp ") && definition.id !== "barclamp new" && key === "name";
    const kind = barclampName ? "barclamps" : shape?.kind === "number" ? undefined : nameKinds[key];
    if (kind !== undefined) return `@${kind}`;
    return key === "file" ? "@files" : "";
  });
  return {
    id: definition.id,
    summary: definition.summary,
    options: shapes.filter((shape) => !definition.positionals.includes(shape.key)),
    places,
    again: shapes.find((shape) => shape.key === definition.positionals.at(-1))?.many === true,
  };
}

/** First words, and second words of groups such as `lab`. */
function words(shown: readonly Completable[]): {
  readonly first: readonly string[];
  readonly groups: ReadonlyMap<string, readonly string[]>;
} {
  const groups = new Map<string, string[]>();
  const first = new Set<string>();
  for (const { id } of shown) {
    const [head = "", ...rest] = id.split(" ");
    first.add(head);
    if (rest.length > 0) groups.set(head, [...(groups.get(head) ?? []), rest.join(" ")]);
  }
  return { first: [...first].sort(), groups };
}

function optionWords(command: Completable): readonly string[] {
  return [...command.options.map((shape) => shape.word), ...globalOptions.map((option) => option.long)];
}

/** `case` arms over the command: its options, the choices of its options, what stands at each place. */
function bashScript(shown: readonly Completable[]): string {
  const { first, groups } = words(shown);
  const valued = [
    ...globalOptions
      .filter((each) => each.value !== undefined)
      .flatMap((each) => [each.long, ...(each.short === undefined ? [] : [each.short])]),
  ];
  const withValue = new Set([
    ...valued,
    ...shown.flatMap((each) => each.options.filter((shape) => shape.kind !== "boolean").map((shape) => shape.word)),
  ]);
  return `# bash completion for halligan; load it with: source <(halligan completion bash)
_halligan_names() {
  local file=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in -f|--file) file=(-f "\${COMP_WORDS[i+1]/#\\~/$HOME}") ;; esac
  done
  "\${COMP_WORDS[0]}" "\${file[@]}" complete "$1" 2>/dev/null
}

_halligan() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} i word command= place=0 wanted=
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${[...withValue].join("|")}) ((i++)); continue ;;
      -*) continue ;;
    esac
    if [ -z "$command" ]; then command=$word
    else
      case $command in
        ${[...groups.keys()].join("|") || "''"}) command="$command $word" ;;
        *) ((place++)) ;;
      esac
    fi
  done
  case $prev in
    -f|--file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --state) return ;;
  esac
  case "$command $prev" in
${shown
  .flatMap((each) =>
    each.options
      .filter((shape) => shape.kind !== "boolean")
      .map((shape) => `    ${quoted(`${each.id} ${shape.word}`)}) wanted=${quoted(shape.choices.join(" ") || nameOf(shape))} ;;`),
  )
  .join("\n")}
  esac
  if [ -z "$wanted" ]; then
    case $cur in
      -*)
        case $command in
${shown.map((each) => `          ${quoted(each.id)}) wanted=${quoted(optionWords(each).join(" "))} ;;`).join("\n")}
          *) wanted=${quoted(globalOptions.map((option) => option.long).join(" "))} ;;
        esac ;;
      *)
        case "$command:$place" in
          :0) wanted=${quoted(first.join(" "))} ;;
${[...groups].map(([head, rest]) => `          ${quoted(`${head}:0`)}) wanted=${quoted(rest.join(" "))} ;;`).join("\n")}
${shown
  .flatMap((each) =>
    each.places.map((place, index) => {
      const rest = each.again && index === each.places.length - 1 ? `${quoted(`${each.id}:`)}*` : quoted(`${each.id}:${index}`);
      return place === "" ? "" : `          ${rest}) wanted=${quoted(place)} ;;`;
    }),
  )
  .filter((line) => line !== "")
  .join("\n")}
        esac
        case $command in help) wanted=${quoted(first.join(" "))} ;; esac ;;
    esac
  fi
  case $wanted in
    @files) COMPREPLY=($(compgen -f -- "$cur")) ;;
    @*) COMPREPLY=($(compgen -W "$(_halligan_names "\${wanted#@}")" -- "$cur")) ;;
    ?*) COMPREPLY=($(compgen -W "$wanted" -- "$cur")) ;;
  esac
}
complete -o default -F _halligan halligan
`;
}

function nameOf(shape: ArgumentShape): string {
  const kind = shape.kind === "number" ? undefined : nameKinds[shape.key];
  return kind === undefined ? " " : `@${kind}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function zshScript(shown: readonly Completable[]): string {
  return `#compdef halligan
# zsh completion for halligan; uses the bash script, which zsh understands
autoload -U +X bashcompinit && bashcompinit
${bashScript(shown)}`;
}

function fishScript(shown: readonly Completable[]): string {
  const { first, groups } = words(shown);
  const lines = [
    "# fish completion for halligan",
    "function __halligan_command; set -l words (commandline -opc); set -e words[1]; string match -v -- '-*' $words; end",
    "function __halligan_at; test (string join ' ' (__halligan_command)) = \"$argv\"; end",
    "function __halligan_in; string match -q -- \"$argv*\" (string join ' ' (__halligan_command)); end",
    "complete -c halligan -f",
    ...globalOptions.map(
      (option) =>
        `complete -c halligan -l ${option.long.slice(2)}${option.short === undefined ? "" : ` -s ${option.short.slice(1)}`}${option.value === undefined ? "" : " -r -F"} -d ${fishQuoted(option.description)}`,
    ),
    ...first.map((word) => {
      const summary = shown.find((each) => each.id === word)?.summary ?? `${(groups.get(word) ?? []).join(", ")}`;
      return `complete -c halligan -n '__halligan_at' -a ${word} -d ${fishQuoted(summary)}`;
    }),
    ...shown.flatMap(fishCommand),
  ];
  return `${lines.join("\n")}\n`;
}

function fishCommand(command: Completable): readonly string[] {
  const [head = "", ...rest] = command.id.split(" ");
  const inside = `-n '__halligan_in ${command.id}'`;
  const place = command.places[0] ?? "";
  const wanted = place === "@files" ? "" : place.startsWith("@") ? `(halligan complete ${place.slice(1)} 2>/dev/null)` : place;
  return [
    ...(rest.length > 0 ? [`complete -c halligan -n '__halligan_at ${head}' -a ${rest.join(" ")} -d ${fishQuoted(command.summary)}`] : []),
    ...(wanted !== ""
      ? [`complete -c halligan ${inside} -a ${fishQuoted(wanted)}`]
      : place === "@files"
        ? [`complete -c halligan ${inside} -F`]
        : []),
    ...command.options.map((shape) => {
      const value = shape.kind === "boolean" ? "" : shape.choices.length > 0 ? ` -r -a ${fishQuoted(shape.choices.join(" "))}` : " -r";
      return `complete -c halligan ${inside} -l ${shape.word.slice(2)}${value} -d ${fishQuoted(shape.description)}`;
    }),
  ];
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

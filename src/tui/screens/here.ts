import type { Presence } from "../../core/presence/presence.ts";
import { durationWords } from "../../core/words/time.ts";
import { myselfTopic } from "../data/authority-topics.ts";
import { engineTopic } from "../data/topics.ts";
import { presenceTopic } from "../data/presence-topic.ts";
import { type World, clusterName, engineState, known, see } from "../data/world.ts";
import type { Look } from "../text/look.ts";
import { line } from "../text/line.ts";
import { type View, defineScreen, whenReady } from "./screen.ts";
import { type Told, part, prose, toldRow } from "./told.ts";

/** Who else has this cluster open, where the engine runs, and how a colleague joins. */
export const hereScreen = defineScreen<null>({
  id: "here",
  about: "Who else has this cluster open and what they look at, which machine runs the engine, and how a colleague joins.",
  title: () => "who is here",
  named: true,
  topics: (world) => {
    const name = clusterName(world);
    return [presenceTopic, myselfTopic, ...(name === undefined ? [] : [engineTopic(name)])];
  },
  start: () => null,
  ticks: () => true,
  view: ({ world, look, width }) =>
    whenReady(see(world, presenceTopic), "who is here", (all): View => {
      const me = known(world, myselfTopic);
      const rows = [
        ...part(
          "here now",
          all.map((each) => personLine(each, world, look)),
          "Nobody.",
        ),
        ...part("engine", engineLines(world, look), ""),
        ...joinLines(world, me?.people === true, width - 4),
      ];
      return {
        kind: "body",
        head: [
          line(
            ["   you are ", "dim"],
            [me?.person ?? world.by, "strong"],
            [me === undefined ? "" : ` (${me.principal})`, "dim"],
            [me === undefined || !me.people ? "" : `   ${me.roles.join(", ") || "no role for the whole cluster"}`, "plain"],
          ),
        ],
        rows: rows.map(toldRow),
      };
    }),
  keys: [],
  actions: {},
});

function personLine({ id, person, front, host, where, doing, since }: Omit<Presence, "seenAt">, world: World, look: Look): Told {
  const self = id === world.self;
  const does = doing === undefined ? "" : `  runs ${doing}`;
  return {
    id: `here:${id}`,
    text: `${person}${self ? " (you)" : ""}, ${front} on ${host}, ${where}${does}`,
    line: line(
      [`${look.glyphs.mark} `, self ? "dim" : "ok"],
      [person.padEnd(12), self ? "plain" : "strong"],
      [self ? " (you)" : "      ", "dim"],
      `  ${where}`,
      [does, "busy"],
      [`   ${front} on ${host} for ${durationWords(world.now - since)}`, "dim"],
    ),
  };
}

function engineLines(world: World, look: Look): readonly Told[] {
  const engine = engineState(world);
  switch (engine.kind) {
    case "here":
      return [
        {
          id: "engine",
          line: line(
            [`${look.glyphs.ok} `, "ok"],
            [engine.engine.host, "strong"],
            [`  process ${engine.engine.pid}; it carries out everybody's runs`, "dim"],
          ),
        },
      ];
    case "gone":
      return [
        {
          id: "engine",
          line: line([`${look.glyphs.bad} ${engine.run} waits and no engine is there.`, "bad"], " :resume starts one here."),
        },
      ];
    case "idle":
      return [{ id: "engine", line: line(["None is needed now; the next run starts one on the machine where it is asked for.", "dim"]) }];
    case "unknown":
      return [{ id: "engine", line: line(["not known yet", "dim"]) }];
    default:
      return engine satisfies never;
  }
}

function joinLines(world: World, people: boolean, width: number): readonly Told[] {
  const command = `halligan tui ${world.join}`;
  return [
    ...part(
      "to join",
      [
        { id: "join", text: command, line: line([command, "accent"], [`   on ${world.host}`, "dim"]) },
        {
          id: "join-ssh",
          text: `ssh -t ${world.host} ${command}`,
          line: line([`ssh -t ${world.host} ${command}`, "accent"], ["   from elsewhere", "dim"]),
        },
        ...prose(
          "join-who",
          people
            ? "Whoever joins has to stand in people.yaml, with their user name on this machine, or with a key and `--identity` behind the command. A further user of this machine needs a shared .halligan (docs/people.md)."
            : "Without a people.yaml everybody who can write this folder is the same person. `halligan init --people` begins one; a further user of this machine needs a shared .halligan (docs/people.md).",
          width,
          "dim",
        ),
      ],
      "",
    ).slice(0, -1),
  ];
}

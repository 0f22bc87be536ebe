import { authorise } from "../../core/authority/authorise.ts";
import { principalText } from "../../core/authority/principal.ts";
import type { WhoamiDocument } from "../../core/commands/authority/whoami.ts";
import type { CommandDefinition, Need } from "../../core/commands/command.ts";
import { HalliganError, problem } from "../../core/errors.ts";
import { helpAnswer } from "../answers/help.ts";
import { problemsMessage } from "../answers/problems.ts";
import { whoamiAnswer } from "../answers/standing.ts";
import { plain } from "../answers/told.ts";
import { type Style, typedLine } from "../grammar/lines.ts";
import { type Parsed, parse } from "../grammar/parse.ts";
import type { SlackCaller, TypedInbound } from "../inbound/inbound.ts";
import type { ServedCluster } from "../ports.ts";
import type { Place } from "../send/sender.ts";
import { dispatch, principalOf } from "./dispatch.ts";
import { perform } from "./perform.ts";
import { reachOf, type Reach } from "./places.ts";
import { startTalk, type Talk, type TalkParts } from "./talk.ts";

/** Does what was typed: a slash command, a mention, or a direct message. */
export async function doTyped(parts: TalkParts, inbound: TypedInbound): Promise<void> {
  const { ports, boards } = parts;
  const { channel, thread } = inbound;
  const talk = startTalk(parts, inbound, placeOf(inbound));
  const prefix = inbound.kind === "command" ? inbound.command : inbound.kind === "mention" ? "@halligan" : "";
  const subject = thread === undefined ? undefined : await boards.subject({ channel, ts: thread });
  const reach = await reachOf(ports, { channel, direct: talk.direct, prefix, thread: subject });
  const parsed = parse(inbound.text, reach.context);
  const { context } = reach;
  const style: Style = {
    ...context,
    cluster: ("cluster" in parsed ? parsed.cluster : undefined) ?? context.thread?.cluster ?? context.clusters[0],
  };
  switch (parsed.kind) {
    case "refused": {
      const { problems, next, channels } = parsed;
      return await talk.tell(problemsMessage(problems, style, { line: next, ...(channels === undefined ? {} : { channels }) }).message);
    }
    case "help": {
      const may = await allowed(reach, parts, inbound.caller);
      return await talk.tellAll(helpAnswer(parsed.words, { style, clusters: context.clusters, elsewhere: context.elsewhere, may }));
    }
    case "command":
      return await doCommand(parts, talk, parsed, { reach, style });
    default:
      return parsed satisfies never;
  }
}

/** Answers and messages go where it was typed; a mention in a channel is answered in its thread only where it stands in one. */
function placeOf({ channel, thread }: TypedInbound): Place {
  return { channel, ...(thread === undefined ? {} : { thread }) };
}

interface Around {
  readonly reach: Reach;
  readonly style: Style;
}

async function doCommand(parts: TalkParts, talk: Talk, parsed: Extract<Parsed, { kind: "command" }>, around: Around): Promise<void> {
  const { definition, cluster: named, args, yes } = parsed;
  const { reach, style } = around;
  const { chat } = definition;
  if ("takes" in chat && chat.takes === "nothing") return await doWithoutCluster(parts, talk, parsed, style);
  if (named === undefined && definition.id === "whoami") return await doWhoami(parts, talk, definition, around);
  const name = named ?? (reach.context.clusters.length === 1 ? reach.context.clusters[0] : undefined);
  const cluster = name === undefined ? undefined : parts.ports.clusters.get(name);
  if (cluster === undefined) {
    const clusters = reach.context.clusters.join(", ");
    const missing = problem("CHAT_CLUSTER_MISSING", {
      message: `\`${definition.id}\` has to be told for which cluster: ${clusters || "none may be named here"}.`,
    });
    const next = typedLine(style, [definition.id, reach.context.clusters[0] ?? "CLUSTER"]);
    return await talk.tell(problemsMessage([missing], style, { line: next }).message);
  }
  const broken = reach.broken.get(cluster.name);
  if (broken !== undefined) return await talk.tell(problemsMessage(broken.problems, style).message);
  // `--yes` is an answer, but not the one that a protected cluster wants: its name, typed.
  const agreed = yes && reach.settings.get(cluster.name)?.protected !== true ? "yes" : "ask";
  await perform(parts, { talk, cluster, definition, args, agreed, style: { ...style, cluster: cluster.name } });
}

/** `steps`: about no cluster, allowed to whoever is somebody in one. */
async function doWithoutCluster(
  parts: TalkParts,
  talk: Talk,
  { definition, args }: Extract<Parsed, { kind: "command" }>,
  style: Style,
): Promise<void> {
  const [cluster] = parts.ports.clusters.values();
  if (cluster === undefined) return;
  const ended = await dispatch({ cluster, definition, args, caller: talk.inbound.caller, agreed: "ask", signal: parts.signal });
  if (ended.kind === "answer") {
    const text = await parts.ports.text(definition, ended.answer);
    return await talk.tellAll(plain({ ...style, cluster: undefined }, definition.id, text, ended.answer));
  }
  if (ended.kind === "refused") await talk.tell(problemsMessage(ended.problems, style).message);
}

/** Who the caller is in every cluster that may be named here. */
async function doWhoami(parts: TalkParts, talk: Talk, definition: CommandDefinition, { reach, style }: Around): Promise<void> {
  const documents: (readonly [string, WhoamiDocument])[] = [];
  for (const name of reach.context.clusters) {
    const cluster = parts.ports.clusters.get(name);
    if (cluster === undefined || reach.broken.has(name)) continue;
    const ended = await dispatch({ cluster, definition, args: {}, caller: talk.inbound.caller, agreed: "ask", signal: parts.signal });
    if (ended.kind === "answer") documents.push([name, ended.answer.document as unknown as WhoamiDocument]);
    else if (ended.kind === "refused") await talk.tell(problemsMessage(ended.problems, { ...style, cluster: name }).message);
  }
  await talk.tell(whoamiAnswer(documents, style).message);
}

const needs: readonly Exclude<Need, "nothing">[] = ["read", "operate", "approve", "breakglass", "administer"];

/** What the caller may do in one of the clusters here at least. A cluster whose people.yaml cannot be read allows nothing. */
async function allowed({ context, broken }: Reach, { ports }: TalkParts, caller: SlackCaller): Promise<ReadonlySet<Need>> {
  const may = new Set<Need>(["nothing"]);
  for (const name of context.clusters) {
    const cluster = ports.clusters.get(name);
    if (cluster === undefined || broken.has(name)) continue;
    for (const need of await allowedIn(cluster, caller)) may.add(need);
  }
  return may;
}

async function allowedIn(cluster: ServedCluster, caller: SlackCaller): Promise<readonly Need[]> {
  const house = cluster.as(principalOf(caller));
  try {
    const authority = await house.authority();
    const who = { principal: principalText(house.principal) };
    return needs.filter((action) => authorise({ authority, who, action, resource: { kind: "anywhere" } }).allowed);
  } catch (error) {
    if (error instanceof HalliganError) return [];
    throw error;
  }
}

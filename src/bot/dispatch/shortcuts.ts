import { commands } from "../../core/commands/registry.ts";
import type { CommandDefinition } from "../../core/commands/command.ts";
import { fail } from "../../core/errors.ts";
import { noteShortcut, showShortcut } from "../../core/slack/manifest.ts";
import { typedText } from "../grammar/typed-text.ts";
import type { ShortcutInbound, ViewErrors, ViewInbound } from "../inbound/inbound.ts";
import { input, section } from "../text/blocks.ts";
import { cutPlain } from "../text/clean.ts";
import { limits } from "../text/limits.ts";
import type { Modal } from "../text/message.ts";
import { block, mrkdwn } from "../text/slack-text.ts";
import { perform } from "./perform.ts";
import { reachOf } from "./places.ts";
import { startTalk, type TalkParts } from "./talk.ts";

/** What the modal of a note remembers: where it was opened, and the message that is to be kept. */
interface NoteMemory {
  readonly channel: string;
  readonly thread?: string;
  /** Clusters that may be named there. */
  readonly clusters: readonly string[];
  readonly message: string;
}

const callbackId = "halligan-note";
/** What a note may be about: NODE, NODE/ROLE, R-3, CODE:ROLE/STEP. */
const aboutForm = /^(R-\d+|[A-Z][A-Z0-9_]+:[^\s/]+(\/\S+)?|[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)?)$/u;

/** Does what was chosen from the menu of a message. @throws `CHAT_NOT_HERE` where the message is nothing of ours. */
export async function doShortcut(parts: TalkParts, inbound: ShortcutInbound): Promise<void> {
  const { channel, thread, message, triggerId } = inbound;
  const own = await parts.boards.subject({ channel, ts: message.ts });
  const subject = own ?? (thread === undefined ? undefined : await parts.boards.subject({ channel, ts: thread }));
  const { context } = await reachOf(parts.ports, { channel, direct: channel.startsWith("D"), prefix: parts.ports.prefix, thread: subject });
  const about = context.thread;
  if (inbound.callbackId === noteShortcut) {
    const clusters = about === undefined ? context.clusters : [about.cluster, ...context.clusters.filter((name) => name !== about.cluster)];
    const memory: NoteMemory = {
      channel,
      ...(thread === undefined ? {} : { thread }),
      clusters: clusters.slice(0, 20),
      message: cutPlain(typedText(message.text), 1_000),
    };
    await parts.sender.openModal(triggerId, noteModal(memory, about?.run));
    return;
  }
  if (inbound.callbackId !== showShortcut) throw fail("CHAT_NOT_HERE", { message: "This is not known here." });
  if (about === undefined) {
    throw fail("CHAT_NOT_HERE", {
      message: "This message is about no plan and no run.",
      hint: `Choose a message of a plan or run, or type \`${parts.ports.prefix} status ${context.clusters[0] ?? "CLUSTER"}\`.`,
    });
  }
  const cluster = parts.ports.clusters.get(about.cluster);
  if (cluster === undefined) throw fail("CHAT_CLUSTER_UNKNOWN", { message: `${about.cluster} is not served here any more.` });
  const talk = startTalk(parts, inbound, { channel, ...(thread === undefined ? {} : { thread }) });
  const style = { ...context, cluster: cluster.name };
  const show = async (id: string, args: Readonly<Record<string, unknown>>): Promise<void> =>
    await perform(parts, { talk, cluster, definition: commandOf(id), args, agreed: "ask", style });
  if (about.run !== undefined) await show("why", { nodeRole: about.run });
  else if (about.plan !== undefined) await show("diff", { targets: [about.plan] });
}

/** What is wrong with a filled-in note; pure. `undefined` also for views of others. */
export function validateNote({ callbackId: id, privateMetadata, values }: ViewInbound): ViewErrors | undefined {
  if (id !== callbackId) return undefined;
  const { clusters = [], message = "" } = memoryOf(privateMetadata) ?? {};
  const { cluster, about, text } = filled(values);
  const errors: Record<string, string> = {};
  if (cluster === "" && clusters.length !== 1) errors["cluster"] = `Name one of ${clusters.join(", ")}.`;
  else if (cluster !== "" && !clusters.includes(cluster))
    errors["cluster"] = `There is no cluster ${cluster} here, but ${clusters.join(", ")}.`;
  if (!aboutForm.test(about)) errors["about"] = "Write a run (R-3), NODE, NODE/ROLE, or an error such as STEP_FAILED:nginx/service.";
  if (text === "" && message.trim() === "") errors["text"] = "The message has no text: write what is to be kept.";
  return Object.keys(errors).length === 0 ? undefined : errors;
}

/** The submitted modal of a note; false for views of others. */
export async function doNote(parts: TalkParts, inbound: ViewInbound): Promise<boolean> {
  if (inbound.callbackId !== callbackId) return false;
  const memory = memoryOf(inbound.privateMetadata);
  if (memory === undefined || validateNote(inbound) !== undefined)
    throw fail("CHAT_NOT_HERE", { message: "This is not a note that was asked for here." });
  const { cluster: named, about, text } = filled(inbound.values);
  const cluster = parts.ports.clusters.get(named === "" ? (memory.clusters[0] ?? "") : named);
  if (cluster === undefined) throw fail("CHAT_CLUSTER_UNKNOWN", { message: `${named} is not served here.` });
  const to = { channel: memory.channel, ...(memory.thread === undefined ? {} : { thread: memory.thread }) };
  const words = [text, memory.message].filter((each) => each !== "").join("\n");
  await perform(parts, {
    talk: startTalk(parts, inbound, to),
    cluster,
    definition: commandOf("note"),
    args: { of: about, text: [words] },
    agreed: "ask",
    style: { commands, prefix: parts.ports.prefix, cluster: cluster.name },
  });
  return true;
}

function noteModal(memory: NoteMemory, run: string | undefined): Modal {
  let shown = memory;
  while (JSON.stringify(shown).length > limits.privateMetadata) shown = { ...shown, message: shown.message.slice(0, -100) };
  const [first, ...others] = memory.clusters;
  const standard = run === undefined ? "" : ` For the run of this thread: ${run}.`;
  return {
    type: "modal",
    callbackId,
    metadata: JSON.stringify(shown),
    title: "Keep as a note",
    submit: "Keep",
    close: "Not now",
    blocks: [
      section(mrkdwn`This message is shown again when the same fails next time.`),
      section(block(shown.message), 1_200),
      input({
        id: "cluster",
        label: "Cluster",
        optional: others.length === 0,
        maxLength: 100,
        ...(first === undefined ? {} : { placeholder: first }),
      }),
      input({
        id: "about",
        label: "About",
        hint: `A run (R-3: every failure like its own), NODE, NODE/ROLE, or CODE:ROLE/STEP.${standard}`,
        maxLength: 200,
        ...(run === undefined ? {} : { placeholder: run }),
      }),
      input({ id: "text", label: "Your own words", optional: true, multiline: true, maxLength: 1_000 }),
    ],
  };
}

function filled(values: ViewInbound["values"]): { readonly cluster: string; readonly about: string; readonly text: string } {
  const value = (id: string): string => (values[id]?.["value"] ?? "").trim();
  return { cluster: value("cluster"), about: value("about"), text: value("text") };
}

function memoryOf(metadata: string): NoteMemory | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { channel, clusters, message } = parsed as Readonly<Record<string, unknown>>;
    return typeof channel === "string" && Array.isArray(clusters) && typeof message === "string" ? (parsed as NoteMemory) : undefined;
  } catch {
    return undefined;
  }
}

function commandOf(id: string): CommandDefinition {
  const found = commands.find((each) => each.id === id);
  if (found === undefined) throw fail("BUG", { message: `There is no command ${id}.` });
  return found;
}

import { fail, HalliganError, type Problem, problem } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { faultProblem, slackFault } from "../send/slack-fault.ts";
import type { BotIdentity, SlackClients } from "../ports.ts";
import type { Inbound, SlackCaller } from "./inbound.ts";

/** How long what Slack said about a user or a channel is believed, ms. */
const believedMs = 60_000;
/** People wait for this: a Slack that takes longer counts as not there, ms. */
const patienceMs = 15_000;

/** What becomes of something that came in. */
export type Screened =
  | { readonly kind: "welcome" }
  /** Answered by nothing: it was a bot. */
  | { readonly kind: "silence" }
  | { readonly kind: "refused"; readonly problem: Problem };

/** Tells who may talk to the bot at all. What somebody may do is judged later, by `authorise()`. */
export interface Screening {
  /** `shared`: the envelope says that the channel is shared with another organisation. */
  judge(inbound: Inbound, shared: boolean): Promise<Screened>;
}

/** What screening needs. */
export interface ScreeningOptions {
  readonly clients: SlackClients & { identify(): Promise<BotIdentity> };
  readonly clock: Clock;
  log(line: string): void;
}

type Standing = "member" | "bot" | "outsider";

/** Refuses guests, strangers, bots, the deactivated, other workspaces, and channels shared with other organisations. Fails closed. */
export function createScreening({ clients, clock, log }: ScreeningOptions): Screening {
  const standings = kept<Standing>(clock);
  const sharing = kept<boolean>(clock);

  async function judge(inbound: Inbound, shared: boolean): Promise<Screened> {
    const me = await clients.identify();
    const { caller } = inbound;
    if (caller.user === me.user) return { kind: "silence" };
    const standing = await standings(`${caller.team}/${caller.user}`, async () => await standingOf(clients, me, caller));
    if (standing === "bot") return { kind: "silence" };
    if (standing === "outsider") return refused(outsider());
    const channel = channelOf(inbound);
    if (channel === undefined || channel.startsWith("D")) return shared ? refused(sharedChannel()) : { kind: "welcome" };
    if (shared || (await sharing(channel, async () => await isShared(clients, channel, log)))) return refused(sharedChannel());
    return { kind: "welcome" };
  }

  return {
    async judge(inbound, shared) {
      const patience = new AbortController();
      const tooLate = clock.sleep(patienceMs, patience.signal).then(() => {
        throw fail("SLACK_UNREACHABLE", { message: "Slack did not say in time who is asking, so nothing was done." });
      });
      tooLate.catch(() => undefined);
      try {
        return await Promise.race([judge(inbound, shared), tooLate]);
      } catch (error) {
        if (error instanceof HalliganError) return refused(error.problems[0]);
        throw error;
      } finally {
        patience.abort();
      }
    },
  };
}

function refused(why: Problem): Screened {
  return { kind: "refused", problem: why };
}

function channelOf(inbound: Inbound): string | undefined {
  switch (inbound.kind) {
    case "command":
    case "mention":
    case "dm":
    case "shortcut":
      return inbound.channel;
    case "action":
      return inbound.source.at === "message" ? inbound.source.channel : undefined;
    case "viewSubmission":
    case "homeOpened":
      return undefined;
    default:
      return inbound satisfies never;
  }
}

/** Who somebody is in the bot's workspace. @throws `SLACK_UNREACHABLE`, `SLACK_REFUSED`: then they are nobody. */
async function standingOf({ control }: SlackClients, me: BotIdentity, { team, user: id }: SlackCaller): Promise<Standing> {
  const answer = await control.users.info({ user: id }).catch((error: unknown) => {
    const fault = slackFault(error);
    if (fault.kind === "refused" && /^user_not_(found|visible)$/u.test(fault.code)) return undefined;
    throw faultProblem(fault, "find out who is asking");
  });
  const user = answer?.user;
  if (user === undefined) return "outsider";
  if (user.is_bot === true) return "bot";
  const { is_stranger: isStranger } = user as { is_stranger?: boolean };
  if (user.deleted === true || user.is_restricted === true || user.is_ultra_restricted === true || isStranger === true) return "outsider";
  const ofOrganisation = me.enterprise !== undefined && user.enterprise_user?.teams?.includes(me.team) === true;
  return (team === me.team && (user.team_id ?? team) === me.team) || ofOrganisation ? "member" : "outsider";
}

/** Whether a channel is shared with another organisation. Where the app was installed without the scopes to tell, the envelope and the caller are all there is. */
async function isShared({ control }: SlackClients, channel: string, log: (line: string) => void): Promise<boolean> {
  try {
    const { channel: found } = await control.conversations.info({ channel });
    return found?.is_ext_shared === true || found?.is_pending_ext_shared === true;
  } catch (error) {
    const fault = slackFault(error);
    const code = fault.kind === "refused" || fault.kind === "gone" ? fault.code : "";
    if (code === "missing_scope" || code === "unknown_method") {
      log(`slack: cannot tell whether ${channel} is shared with another organisation (${code}); update the app from its manifest`);
      return false;
    }
    if (code === "channel_not_found" || code === "not_in_channel")
      throw fail("SLACK_CHANNEL_REFUSED", {
        message: "The bot is not in this channel.",
        hint: "Invite it with `/invite @halligan`, or send it a direct message.",
      });
    throw faultProblem(fault, "find out whether this channel is shared");
  }
}

function outsider(): Problem {
  return problem("SLACK_CALLER_REFUSED", { message: "Only full members of this workspace are answered." });
}

function sharedChannel(): Problem {
  return problem("SLACK_CHANNEL_REFUSED", { message: "This channel is shared with another organisation, so nothing is answered here." });
}

/** Remembers answers for a minute; what failed is asked again. */
function kept<T>(clock: Clock): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { readonly at: number; readonly value: Promise<T> }>();
  return async (key, ask) => {
    const found = known.get(key);
    if (found !== undefined && clock.now() - found.at < believedMs) return await found.value;
    const made = { at: clock.now(), value: ask() };
    known.delete(key);
    known.set(key, made);
    if (known.size > 5_000) known.delete(known.keys().next().value ?? "");
    try {
      return await made.value;
    } catch (error) {
      if (known.get(key) === made) known.delete(key);
      throw error;
    }
  };
}

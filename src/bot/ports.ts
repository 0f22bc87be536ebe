import type { WebClient } from "@slack/web-api";
import type { Answer, CommandDefinition } from "../core/commands/command.ts";
import type { Local } from "../core/commands/local.ts";
import type { Principal } from "../core/authority/principal.ts";
import type { House } from "../core/house.ts";
import type { SlackSettings } from "../core/model/slack-settings.ts";
import type { Clock, Store } from "../core/ports.ts";

/** One cluster that this process serves in Slack. */
export interface ServedCluster {
  /** The cluster's name, by which it is addressed. */
  readonly name: string;
  /** The server's own house: for reading and publishing, never for what a person asked for. */
  readonly house: House;
  /** What files offer beside the cluster file; nobody can be asked through it. */
  readonly local: Local;
  /** The same store and files for another asker. Cheap; needs no closing. */
  as(principal: Principal): House;
  /** `slack.yaml`, read again when it has changed. @throws its problems: then nothing of this cluster is answered in Slack. */
  settings(): Promise<SlackSettings>;
}

/** Everything the bot needs from the composition root (`src/cli/bot`). */
export interface BotPorts {
  /** By name, sorted. */
  readonly clusters: ReadonlyMap<string, ServedCluster>;
  readonly clock: Clock;
  /** The store of the first cluster by name: keeps what was received, the outbox and the messages that were posted. */
  readonly store: Store;
  /** For commands that need no cluster. */
  readonly local: Local;
  /** Unique per process, for leases. */
  readonly instance: string;
  /** The slash command of this installation, for hints in messages: `/halligan`. */
  readonly prefix: string;
  /** The command line's plain view of an answer, without colour, as it would be on a terminal of 100 columns. */
  text(definition: CommandDefinition, answer: Answer): Promise<string>;
  /** One line for the process's own log; no secrets, no message text. */
  log(line: string): void;
}

/** Who the bot is in its workspace, from `auth.test`. */
export interface BotIdentity {
  readonly team: string;
  readonly enterprise?: string;
  /** The bot's user id. */
  readonly user: string;
  /** The bot id (`B…`) behind messages of its own. */
  readonly bot?: string;
  /** The workspace's address, `https://….slack.com/`. */
  readonly url?: string;
}

/**
 * Two clients, so that a rate limit on progress never delays an answer. `control` retries as the library does by default; `progress` never
 * retries and throws `slack_webapi_rate_limited_error` with `retryAfter` (seconds) at once.
 */
export interface SlackClients {
  readonly control: WebClient;
  readonly progress: WebClient;
  /** Known once Slack has been reached; `undefined` until then. */
  identity(): BotIdentity | undefined;
}

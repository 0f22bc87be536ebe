import type { Receiver } from "@slack/bolt";

/** How a transport stands. */
export interface TransportHealth {
  readonly transport: "socket" | "http";
  /** Ready connections, or 1 while the port is open. */
  readonly ready: number;
  readonly wanted: number;
}

/** A transport of ours: started and stopped by the bot, whether Slack can be reached or not. */
export interface BotReceiver extends Receiver {
  /** Returns when it is on its way; never waits for Slack. */
  start(): Promise<void>;
  /** Takes nothing any more, and closes. What was taken goes on. */
  stop(): Promise<void>;
  health(): TransportHealth;
}

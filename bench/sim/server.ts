import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import ssh2, { type ParsedKey, type ServerChannel } from "ssh2";
import { lighten, writeTogether } from "../../src/core/adapters/ssh/lighter.ts";
import { createMachine, type Machine } from "./machine.ts";
import type { Fault, SimCounts, SimNode, SimOptions } from "./options.ts";
import { answer, type Answer, answerTurn, staysFor } from "./receiver.ts";
import { turnsOf } from "./turns.ts";

/** How a job's script ends where the channel could not carry all of it. */
const unheard = 1;

/** All nodes of one simulator, in this process. */
export class SimServer {
  readonly #options: SimOptions;
  readonly #hostKey: string;
  readonly #login: ParsedKey;
  readonly #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();
  /** Faults that still happen, by node. */
  readonly #faults = new Map<number, Fault & { left: number }>();
  readonly #begun = new Set<string>();
  readonly #counts = {
    connections: 0,
    logins: 0,
    channels: 0,
    begun: 0,
    begunAgain: 0,
    bytesIn: 0,
    bytesOut: 0,
    unknown: undefined as string | undefined,
    asked: { probe: 0, check: 0, job: 0, attach: 0, clean: 0, other: 0 },
  };

  constructor(options: SimOptions, hostKey: string, loginKey: string) {
    this.#options = options;
    this.#hostKey = hostKey;
    const key = ssh2.utils.parseKey(loginKey);
    if (key instanceof Error) throw key;
    this.#login = key;
    this.setFaults(options.faults);
  }

  /** From now on these go wrong, and no others. Nodes that were down stay so. */
  setFaults(faults: readonly Fault[]): void {
    this.#faults.clear();
    for (const fault of faults)
      for (const node of fault.nodes) this.#faults.set(node, { ...fault, left: "times" in fault ? fault.times : Infinity });
  }

  /** Listens for every node on an address of its own, below 127.64.0.0/10. */
  async listen(): Promise<readonly SimNode[]> {
    const nodes: SimNode[] = [];
    const network = 64 + (process.pid % 64);
    for (let number = 0; number < this.#options.nodes; number += 1) {
      const address = `127.${network}.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
      const name = `s${number + 1}`;
      nodes.push({ name, address, port: await this.#listenFor(number, createMachine(name, address, number)) });
    }
    return nodes;
  }

  /** What was seen so far. */
  counts(): SimCounts {
    const { user, system } = process.cpuUsage();
    const { unknown, ...counts } = this.#counts;
    return { ...counts, ...(unknown === undefined ? {} : { unknown }), cpuMs: (user + system) / 1000 };
  }

  async #listenFor(number: number, machine: Machine): Promise<number> {
    const listener = createServer({ noDelay: true }, (socket) => this.#accept(number, machine, socket));
    const port = await new Promise<number>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen({ host: machine.address, port: 0, backlog: 16 }, () => {
        const at = listener.address();
        resolve(typeof at === "object" && at !== null ? at.port : 0);
      });
    });
    if (this.#faults.get(number)?.kind === "down") listener.close();
    else this.#listeners.push(listener);
    return port;
  }

  #accept(number: number, machine: Machine, socket: Socket): void {
    socket.on("error", () => undefined);
    this.#counts.connections += 1;
    if (this.#takes(number, "refused")) {
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    const server = new ssh2.Server({ hostKeys: [this.#hostKey], ident: "halligan-simulator" }, (client) => {
      client.on("error", () => undefined);
      client.once("ready", () => lighten(client));
      client.on("authentication", (context) => {
        if (context.method !== "publickey" || !context.key.data.equals(this.#login.getPublicSSH())) context.reject(["publickey"]);
        else if (context.signature === undefined || context.blob === undefined) context.accept();
        else if (this.#login.verify(context.blob, context.signature, context.hashAlgo) === true) {
          this.#counts.logins += 1;
          context.accept();
        } else context.reject(["publickey"]);
      });
      client.on("session", (accept) => {
        accept().on("exec", (take, _reject, info) => void this.#serve(number, machine, take(), info.command, socket));
      });
    });
    writeTogether(socket);
    server.injectSocket(socket);
  }

  async #serve(number: number, machine: Machine, channel: ServerChannel, command: string, socket: Socket): Promise<void> {
    this.#counts.channels += 1;
    channel.on("error", () => undefined);
    this.#counts.bytesIn += command.length;
    const end = (code: number): void => {
      if (!channel.writable) return;
      channel.exit(code);
      channel.end();
    };
    if (!staysFor(command)) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of channel) chunks.push(chunk as Uint8Array);
      const input = Buffer.concat(chunks);
      end(await this.#say(number, channel, socket, input, () => answer(machine, command, input, this.#options.pauseMs)));
      return;
    }
    for await (const bundle of turnsOf(channel as AsyncIterable<Uint8Array>)) {
      const code = await this.#say(number, channel, socket, bundle, () => answerTurn(machine, bundle, this.#options.pauseMs));
      if (code !== 0) {
        end(code);
        return;
      }
    }
    end(0);
  }

  /** Says what is answered to an input; gives the exit code once all is said. */
  async #say(number: number, channel: ServerChannel, socket: Socket, input: Uint8Array, answerIt: () => Answer): Promise<number> {
    this.#counts.bytesIn += input.length;
    const fault = this.#faults.get(number);
    const waitMs = this.#options.latencyMs + (fault?.kind === "slow" ? fault.ms : 0);
    if (waitMs > 0) await sleep(waitMs);
    const said = answerIt();
    this.#counts.asked[said.what] += 1;
    if (said.kind === "job" && said.what === "job") {
      const begun = `${number} ${said.preface}`;
      this.#counts.begun += 1;
      if (this.#begun.has(begun)) this.#counts.begunAgain += 1;
      this.#begun.add(begun);
    }
    if (said.kind === "whole") return this.#whole(channel, said);
    const cut = said.what === "job" && fault?.kind === "reset" && this.#takes(number, "reset") ? { fault, socket } : undefined;
    return await new Promise((resolve) => this.#job(channel, said, cut, resolve));
  }

  #whole(channel: ServerChannel, { out, err, exit }: Answer & { readonly kind: "whole" }): number {
    if (err !== undefined) {
      this.#counts.unknown ??= err;
      channel.stderr.write(err);
    }
    this.#counts.bytesOut += out.length;
    if (out.length > 0) channel.write(out);
    return exit;
  }

  #job(
    channel: ServerChannel,
    { preface, log, from, limit, exit }: Answer & { readonly kind: "job" },
    cut: { readonly fault: Fault & { readonly kind: "reset" }; readonly socket: Socket } | undefined,
    over: (code: number) => void,
  ): void {
    let sent = 0;
    let skip = from;
    const write = (bytes: Uint8Array): void => {
      if (cut !== undefined && sent + bytes.length > cut.fault.afterBytes) {
        cut.socket.resetAndDestroy();
        return;
      }
      this.#counts.bytesOut += bytes.length;
      if (channel.writable) channel.write(bytes);
    };
    let settled = false;
    const settle = (code: number): void => {
      settled = true;
      over(code);
    };
    write(Buffer.from(preface));
    const stop = log.follow(
      (frame) => {
        const rest = frame.subarray(Math.min(skip, frame.length));
        skip -= frame.length - rest.length;
        if (rest.length === 0 || sent + rest.length > limit) {
          sent = rest.length === 0 ? sent : Infinity;
          return;
        }
        write(rest);
        sent += rest.length;
      },
      () => {
        if (cut !== undefined) cut.socket.resetAndDestroy();
        settle(sent === Infinity ? unheard : exit);
      },
    );
    const gone = (): void => {
      stop();
      settle(exit);
    };
    if (!settled) channel.once("close", gone);
  }

  /** True when a fault of this kind happens now; one of the times that it may is used up. */
  #takes(number: number, kind: Fault["kind"]): boolean {
    const fault = this.#faults.get(number);
    if (fault === undefined || fault.kind !== kind || fault.left <= 0) return false;
    fault.left -= 1;
    return true;
  }
}

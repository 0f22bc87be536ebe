import { timingSafeEqual } from "node:crypto";
import { connect, createServer } from "node:net";
import ssh2, { type AuthContext, type Connection, type ParsedKey, type Session } from "ssh2";
import { type NodeCommand, type NodeEnvironment, type NodeProcesses, runCommand, signalCommand } from "./exec.ts";
import { openTerminal, type Terminal, type TerminalSize } from "./terminal.ts";

/** What one node's SSH server needs. */
export interface NodeServer extends NodeProcesses {
  readonly address: string;
  readonly port: number;
  readonly hostKey: string;
  /** The only key that may log in, as `root`, in OpenSSH's public format. */
  readonly publicKey: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SIGNALS: ReadonlySet<string> = new Set([
  "ABRT",
  "ALRM",
  "FPE",
  "HUP",
  "ILL",
  "INT",
  "KILL",
  "PIPE",
  "QUIT",
  "SEGV",
  "TERM",
  "USR1",
  "USR2",
]);

function parsePublicKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

function authenticate(context: AuthContext, allowed: ParsedKey): void {
  if (context.method !== "publickey" || context.username !== "root") {
    context.reject(["publickey"]);
    return;
  }
  const wanted = allowed.getPublicSSH();
  const same = context.key.data.length === wanted.length && timingSafeEqual(context.key.data, wanted);
  if (!same) context.reject(["publickey"]);
  else if (context.signature === undefined || context.blob === undefined) context.accept();
  else if (allowed.verify(context.blob, context.signature, context.hashAlgo)) context.accept();
  else context.reject(["publickey"]);
}

function serveSession(node: NodeServer, session: Session, environment: NodeEnvironment): void {
  const env: Record<string, string> = { ...environment };
  let size: TerminalSize | undefined;
  let terminal: Promise<Terminal> | undefined;
  let command: Promise<NodeCommand> | undefined;
  session.on("env", (accept, reject, info) => {
    if (info.key === "LANG" || info.key.startsWith("LC_")) {
      env[info.key] = info.val;
      accept?.();
    } else reject?.();
  });
  session.on("pty", (accept, _reject, info) => {
    size = { columns: info.cols, rows: info.rows };
    env["TERM"] = info.term;
    accept?.();
  });
  session.on("window-change", (accept, _reject, info) => {
    void terminal?.then((open) => open.resize({ columns: info.cols, rows: info.rows }));
    accept?.();
  });
  session.on("exec", (accept, _reject, info) => {
    const channel = accept();
    if (size === undefined) command = runCommand(node, channel, info.command, env);
    else terminal = openTerminal(node, channel, { command: info.command, size, env });
  });
  session.on("shell", (accept) => {
    const channel = accept();
    if (size === undefined) command = runCommand(node, channel, "exec /bin/sh", env);
    else terminal = openTerminal(node, channel, { size, env });
  });
  session.on("signal", (accept, _reject, info) => {
    if (SIGNALS.has(info.name)) void command?.then((running) => signalCommand(running, `SIG${info.name}` as NodeJS.Signals));
    accept?.();
  });
}

function serveConnection(node: NodeServer, client: Connection, allowed: ParsedKey, from: string): void {
  const environment: NodeEnvironment = {
    PATH,
    HOME: "/root",
    USER: "root",
    LOGNAME: "root",
    SHELL: "/bin/sh",
    SSH_CLIENT: `${from} ${node.port}`,
    SSH_CONNECTION: `${from} ${node.address} ${node.port}`,
  };
  client.on("authentication", (context) => authenticate(context, allowed));
  client.on("error", () => undefined);
  client.on("session", (accept) => serveSession(node, accept(), environment));
  client.on("tcpip", (accept, reject, info) => {
    const target = connect(info.destPort, info.destIP);
    target.once("error", () => reject());
    target.once("connect", () => {
      target.removeAllListeners("error");
      const channel = accept();
      target.on("error", () => channel.close());
      channel.on("error", () => target.destroy());
      channel.pipe(target).pipe(channel);
      channel.once("close", () => target.destroy());
    });
  });
}

/** Starts the SSH server of a node. Rejects with the system's error, e.g. `EADDRINUSE`. */
export async function startNodeServer(node: NodeServer): Promise<{ close(): Promise<void> }> {
  const allowed = parsePublicKey(node.publicKey);
  const clients = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [node.hostKey], ident: "halligan-lab" }, (client, info) => {
    clients.add(client);
    client.once("close", () => clients.delete(client));
    serveConnection(node, client, allowed, `${info.ip} ${info.port}`);
  });
  // Our own listener: ssh2's leaves Nagle's algorithm on, which costs several delayed acknowledgements per connection.
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ host: node.address, port: node.port, backlog: 512 }, () => resolve());
  });
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const client of clients) client.end();
    await closed;
  };
  return { close };
}

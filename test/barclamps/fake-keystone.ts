import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Thing = Record<string, unknown> & { readonly id: string };

/** Singular name of a thing by the name of its collection. */
const oneOf: Readonly<Record<string, string>> = {
  domains: "domain",
  projects: "project",
  roles: "role",
  users: "user",
  services: "service",
  endpoints: "endpoint",
};

/** A Keystone that knows tokens, the collections of the Identity API and role assignments, all in memory. */
export class FakeKeystone {
  readonly things: Record<string, Thing[]> = Object.fromEntries(Object.keys(oneOf).map((kind) => [kind, []]));
  readonly grants = new Set<string>();
  /** Every request as `METHOD /path`, tokens left out. */
  readonly calls: string[] = [];
  /** How many requests are answered with 503 first. */
  unready = 0;
  readonly #server: Server;
  #next = 1;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.add("domains", { name: "Default" });
    this.add("projects", { name: "admin", domain_id: "1" });
    this.add("roles", { name: "admin" });
    this.add("users", { name: "admin", domain_id: "1", password: "admin-password", enabled: true });
  }

  /** Starts one on a free port of loopback. */
  static async start(): Promise<FakeKeystone> {
    const keystone = new FakeKeystone();
    await new Promise<void>((resolve) => keystone.#server.listen(0, "127.0.0.1", resolve));
    return keystone;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v3`;
  }

  /** Adds a thing to a collection. */
  add(kind: string, fields: Readonly<Record<string, unknown>>): Thing {
    const thing = { id: String(this.#next++), ...fields };
    this.things[kind]?.push(thing);
    return thing;
  }

  /** What a collection holds, without ids. */
  all(kind: string): readonly Record<string, unknown>[] {
    return (this.things[kind] ?? []).map(({ id: _, ...rest }) => rest);
  }

  /** Changes the first thing of a collection that has this name. */
  change(kind: string, name: string, fields: Readonly<Record<string, unknown>>): void {
    Object.assign(this.things[kind]?.find((each) => each["name"] === name) ?? {}, fields);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, never>);
    const url = new URL(request.url ?? "/", "http://localhost");
    const path = url.pathname.replace(/^\/v3/u, "");
    const send = (status: number, content?: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      response
        .writeHead(status, { "Content-Type": "application/json", ...headers })
        .end(content === undefined ? undefined : JSON.stringify(content));
    };
    if (this.unready > 0) {
      this.unready -= 1;
      send(503);
      return;
    }
    this.calls.push(`${request.method} ${path}`);
    if (path === "/auth/tokens") this.#authenticate(body, send);
    else if (request.headers["x-auth-token"] === undefined) send(401, { error: { message: "no token" } });
    else this.#collection(request.method ?? "", path, url.searchParams, body, send);
  }

  #authenticate(body: Record<string, never>, send: (status: number, content?: unknown, headers?: Record<string, string>) => void): void {
    const { user } = (body as unknown as { auth: { identity: { password: { user: { name: string; password: string } } } } }).auth.identity
      .password;
    const known = this.things["users"]?.find((each) => each["name"] === user.name);
    if (known?.["password"] !== user.password || known?.["enabled"] === false) send(401, { error: { message: "wrong password" } });
    else send(201, { token: {} }, { "X-Subject-Token": "a-token" });
  }

  #collection(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Record<string, never>,
    send: (status: number, content?: unknown) => void,
  ): void {
    const [, kind = "", id] = path.split("/");
    const list = this.things[kind] ?? [];
    const one = oneOf[kind] ?? "";
    if (path.includes("/roles/") && kind === "projects") {
      if (method === "PUT") this.grants.add(path);
      send(this.grants.has(path) ? 204 : 404);
    } else if (method === "GET") {
      const fits = (thing: Thing): boolean => [...query].every(([key, value]) => thing[key] === value);
      send(200, { [kind]: list.filter(fits).map(({ password: _, ...rest }) => rest) });
    } else if (method === "POST") send(201, { [one]: this.add(kind, body[one] ?? {}) });
    else if (method === "PATCH") {
      Object.assign(list.find((each) => each.id === id) ?? {}, body[one]);
      send(200, {});
    } else {
      this.things[kind] = list.filter((each) => each.id !== id);
      send(204);
    }
  }
}

import { fail } from "../../../errors.ts";

/** Where one server is. */
export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** Where a store on Redis is, and how to get in. Paths are as written in the address. */
export interface RedisAddress {
  readonly kind: "server" | "sentinel" | "cluster";
  readonly hosts: readonly RedisHost[];
  /** The name that the sentinels give to the primary; for `sentinel` only. */
  readonly primary: string | undefined;
  readonly database: number;
  /** Stores of different names on one server know nothing of each other. */
  readonly site: string;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

const schemes: Readonly<Record<string, Pick<RedisAddress, "kind"> & { readonly tls: boolean; readonly port: number }>> = {
  redis: { kind: "server", tls: false, port: 6379 },
  rediss: { kind: "server", tls: true, port: 6379 },
  "redis-sentinel": { kind: "sentinel", tls: false, port: 26_379 },
  "rediss-sentinel": { kind: "sentinel", tls: true, port: 26_379 },
  "redis-cluster": { kind: "cluster", tls: false, port: 6379 },
  "rediss-cluster": { kind: "cluster", tls: true, port: 6379 },
};

/** The schemes of addresses that name a store on Redis. */
export const redisSchemes: readonly string[] = Object.keys(schemes);

const known = new Set(["site", "user", "passwordFile", "ca", "cert", "key"]);

/**
 * Reads `redis://HOST[:PORT][/DATABASE][?site=NAME&user=NAME&passwordFile=FILE&ca=FILE&cert=FILE&key=FILE]`, `rediss://` for TLS,
 * `redis-sentinel://HOST,HOST/PRIMARY[?...]` and `redis-cluster://HOST,HOST[?...]`.
 * @throws `STORE_ADDRESS`, all that is wrong with it at once; a password in the address is refused, since addresses are seen by others.
 */
export function readRedisAddress(text: string): RedisAddress {
  const [, scheme = "", authority = "", path = "", query = ""] = /^([a-z-]+):\/\/([^/?#]*)\/?([^?#]*)(?:\?([^#]*))?$/iu.exec(text) ?? [];
  const form = schemes[scheme.toLowerCase()];
  if (form === undefined) throw wrong(["It is not of the form redis://HOST:PORT."]);
  const faults: string[] = [];
  const [login, places] = authority.includes("@") ? split(authority, authority.lastIndexOf("@")) : ["", authority];
  if (login !== "")
    faults.push(
      "It holds a user or password, which everybody sees who lists the processes: use `?user=NAME&passwordFile=FILE` or HALLIGAN_REDIS_PASSWORD.",
    );
  const hosts = places.split(",").map((place) => hostOf(place, form.port, faults));
  if (form.kind === "server" && hosts.length > 1)
    faults.push(`It names ${hosts.length} hosts: several belong to redis-sentinel:// or redis-cluster://.`);
  const settings = new URLSearchParams(query);
  for (const name of settings.keys()) if (!known.has(name)) faults.push(`"${name}" is no setting: there are ${[...known].join(", ")}.`);
  const site = settings.get("site") ?? "default";
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/iu.test(site))
    faults.push(`The site "${site}" is not a name: letters, digits, dots, dashes, at most 64.`);
  const primary = form.kind === "sentinel" ? decodeURIComponent(path) : undefined;
  if (primary === "") faults.push("It does not name the primary: redis-sentinel://HOST,HOST/PRIMARY.");
  if (form.kind !== "sentinel" && !/^\d{0,4}$/u.test(path)) faults.push(`The database "${path}" is not a number.`);
  if (form.kind === "cluster" && Number(path) !== 0) faults.push("A Redis Cluster has only database 0.");
  const [ca, cert, key] = [settings.get("ca"), settings.get("cert"), settings.get("key")];
  if (!form.tls && (ca !== null || cert !== null || key !== null))
    faults.push("ca, cert and key belong to TLS: write `rediss` instead of `redis`.");
  if ((cert === null) !== (key === null)) faults.push("cert and key belong together.");
  if (faults.length > 0) throw wrong(faults);
  return {
    kind: form.kind,
    hosts,
    primary,
    database: form.kind === "sentinel" ? 0 : Number(path),
    site,
    user: settings.get("user") ?? undefined,
    passwordFile: settings.get("passwordFile") ?? undefined,
    tls: form.tls ? { ...(ca !== null && { ca }), ...(cert !== null && { cert }), ...(key !== null && { key }) } : undefined,
  };
}

/** The address as it may be shown: without settings. */
export function shownAddress({ kind, hosts, primary, database, site, tls }: RedisAddress): string {
  const scheme = `redis${tls === undefined ? "" : "s"}${kind === "server" ? "" : `-${kind}`}`;
  const path = primary ?? (database === 0 ? "" : String(database));
  return `${scheme}://${hosts.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(",")}${path === "" ? "" : `/${path}`}?site=${site}`;
}

function hostOf(place: string, standard: number, faults: string[]): { readonly host: string; readonly port: number } {
  const [, six, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/iu.exec(place) ?? [];
  const [host, port] = [six ?? plain, digits === undefined ? standard : Number(digits)];
  if (host === undefined || port < 1 || port > 65_535)
    faults.push(place === "" ? "It names no host." : `"${place}" is not a host with a port.`);
  return { host: host ?? "", port };
}

function split(text: string, at: number): readonly [string, string] {
  return [text.slice(0, at), text.slice(at + 1)];
}

function wrong(faults: readonly string[]): Error {
  return fail("STORE_ADDRESS", { message: `The address of the store on Redis cannot be used. ${faults.join(" ")}` });
}

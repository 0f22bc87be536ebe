import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { fail } from "../../../errors.ts";

/** Subnets that labs have chosen and not yet put on their bridges, a file each that names the lab's folder. */
const claims = "/run/halligan-lab";
/** A claim that is older is left by a lab that did not come up, ms. */
const claimHoldsMs = 60_000;

/**
 * Networks this host has a route to. Node names no address of a link that is down, as the bridge of a lab is whose machines were killed; its
 * route is there and takes what is meant for the next lab. In `/proc/net/route` an address is a little-endian number in hex: proc_net(5).
 */
function routed(): string[] {
  const [, ...lines] = readFileSync("/proc/net/route", "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const bytes = Buffer.from(line.split("\t")[1] ?? "", "hex");
    return [...bytes.reverse()].join(".");
  });
}

function isFree(subnet: string): boolean {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((each) => each.address));
  return ![...addresses, ...routed()].some((address) => address.startsWith(`${subnet}.`));
}

/** Takes a subnet for a lab that is about to come up; only one of several can, in the same moment too. */
function claim(subnet: string, folder: string): boolean {
  if (!isFree(subnet)) return false;
  const path = join(claims, subnet);
  try {
    writeFileSync(path, folder, { flag: "wx" });
    return true;
  } catch {
    if (!isOurs(path, folder)) return false;
    writeFileSync(path, folder);
    return true;
  }
}

/** A claim that is gone by now has become an address. */
function isOurs(path: string, folder: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs > claimHoldsMs || readFileSync(path, "utf8") === folder;
  } catch {
    return false;
  }
}

/** Chooses a /24 under 10.77.0.0/16 that this host has no address in, no route to, and no other lab has just chosen, `wanted` first. @throws LAB_ADDRESS_TAKEN */
export function claimSubnet(wanted: string | undefined, folder: string): string {
  mkdirSync(claims, { recursive: true });
  if (wanted !== undefined && claim(wanted, folder)) return wanted;
  for (let third = 0; third < 255; third += 1) if (claim(`10.77.${third}`, folder)) return `10.77.${third}`;
  throw fail("LAB_ADDRESS_TAKEN", { message: "Every subnet 10.77.0.0/24 to 10.77.254.0/24 is in use on this host." });
}

/** Ends a claim: the lab's bridge has the subnet now. */
export function endClaim(subnet: string): void {
  rmSync(join(claims, subnet), { force: true });
}

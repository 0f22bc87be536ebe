import { createHash } from "node:crypto";
import { fail, hasCode } from "../../errors.ts";
import { toStored } from "../../journal/events.ts";
import type { Digest } from "../../model/ids.ts";
import type { Clock, Store } from "../../ports.ts";
import { agoWords } from "../../words/time.ts";
import { authorise, identify } from "../authorise.ts";
import type { Authority } from "../people.ts";
import { type LinkOffer, type Links, peopleStream, readLinks } from "./links.ts";

/** How long a code may be used. */
export const linkLifetimeMs = 10 * 60_000;

/** What linking works on. */
export interface LinkingDeps {
  readonly store: Store;
  readonly clock: Clock;
  authority(): Promise<Authority>;
}

/** Keeps that a code was handed out. Only its digest is kept: who reads the journal cannot use it. */
export async function offerLink(
  { store, clock }: LinkingDeps,
  offer: { readonly code: string; readonly person: string; readonly by: string; readonly principal?: string },
): Promise<number> {
  const until = clock.now() + linkLifetimeMs;
  const { code, ...rest } = offer;
  await store.append(peopleStream, [toStored({ type: "link.offered", v: 1, code: codeDigest(code), ...rest, until })]);
  return until;
}

/**
 * What a code would do for a principal, judged now: nothing is changed.
 * @throws `LINK_REFUSED` when the code is not known, used, expired or meant for another principal, or when whoever made it may no longer do so.
 */
export async function judgeCode(
  { store, clock, authority }: LinkingDeps,
  code: string,
  principal: string,
): Promise<{ readonly person: string; readonly by: string; readonly version: number }> {
  const deciding = await authority();
  const links = await readLinks(store);
  const offer = links.offers.get(codeDigest(code));
  if (deciding.mode === "single-user") throw noPeople();
  if (offer === undefined) throw refused("This code is not known here.", "It was mistyped, made for another cluster, or made up.");
  if (offer.usedBy !== undefined) throw refused("This code was used before; each can be used once.");
  const now = clock.now();
  if (now > offer.until) throw refused(`This code expired ${agoWords(now - offer.until)}.`);
  if (offer.principal !== undefined && offer.principal !== principal)
    throw refused(`This code is for another principal than ${principal}.`, "It was made with --principal.");
  refuseTaken(deciding, principal);
  refuseOffer(deciding, offer);
  return { person: offer.person, by: offer.by, version: links.version };
}

/** Uses a code: from now on the principal stands for the person. @throws as `judgeCode`. */
export async function useCode(deps: LinkingDeps, code: string, principal: string, key?: string): Promise<string> {
  for (;;) {
    const { person, version } = await judgeCode(deps, code, principal);
    const event = toStored({ type: "link.made", v: 1, code: codeDigest(code), person, principal, ...(key === undefined ? {} : { key }) });
    try {
      await deps.store.append(peopleStream, [event], { expected: version });
      return person;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody wrote meanwhile: it is judged anew
    }
  }
}

/** Takes a link away. @throws `LINK_NOT_FOUND` when there is none, or it is written in people.yaml. */
export async function removeLink({ store }: LinkingDeps, principal: string, by: string): Promise<void> {
  for (;;) {
    const links = await readLinks(store);
    const { person } = findLink(links, principal);
    const event = toStored({ type: "link.removed", v: 1, person, principal, by });
    try {
      await store.append(peopleStream, [event], { expected: links.version });
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

/** The link of a principal. @throws `LINK_NOT_FOUND`. */
export function findLink(links: Links, principal: string): { readonly person: string } {
  const link = links.made.get(principal);
  if (link === undefined) throw fail("LINK_NOT_FOUND", { message: `${principal} was not linked to anybody with a code.` });
  return link;
}

function refuseTaken(authority: Authority, principal: string): void {
  const found = identify(authority, { principal });
  if (found.allowed)
    throw refused(`${principal} is ${found.person} already.`, undefined, "Unlink it first (`halligan unlink`), if it was linked.");
}

/** Whoever made the code must still be somebody who may: rights may have gone meanwhile. */
function refuseOffer(authority: Authority, { person, by }: LinkOffer): void {
  const target = identify(authority, { person });
  if (!target.allowed) throw refused(`${person}, for whom the code was made, is not in people.yaml any more.`);
  const verdict =
    by === person ? target : authorise({ authority, who: { person: by }, action: "administer", resource: { kind: "cluster" } });
  if (!verdict.allowed) throw refused(`${by}, who made the code, may not make codes for ${person} any more.`);
}

/** Codes are typed by hand: case and spaces do not count. */
function codeDigest(code: string): Digest {
  const plain = code.toLowerCase().replace(/[^a-z0-9]/gu, "");
  return `sha256:${createHash("sha256").update(`halligan-link ${plain}`).digest("hex")}`;
}

/** Without people.yaml there is nobody to become. */
export function noPeople(): Error {
  return fail("LINK_REFUSED", {
    message: "There is no people.yaml here, so there is nobody to become.",
    hint: "Write a people.yaml first (docs/people.md).",
  });
}

function refused(message: string, cause?: string, hint?: string): Error {
  return fail("LINK_REFUSED", { message, cause, hint });
}

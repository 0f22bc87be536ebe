import { fromStored, type JournalEvent } from "../../journal/events.ts";
import type { Digest } from "../../model/ids.ts";
import type { Store } from "../../ports.ts";
import type { People, Person } from "../people.ts";
import { readPublicKey } from "../signatures/public-key.ts";

/** The stream of links. */
export const peopleStream = "people";

/** A code that was handed out. */
export interface LinkOffer {
  readonly person: string;
  readonly by: string;
  /** The only principal that may use it. */
  readonly principal?: string;
  readonly until: number;
  /** The principal that has used it. */
  readonly usedBy?: string;
}

/** A principal that was linked to a person. */
export interface Link {
  readonly person: string;
  readonly key?: string;
}

/** All links as the journal tells them. `version` is that of the stream, to append behind. */
export interface Links {
  readonly version: number;
  readonly offers: ReadonlyMap<Digest, LinkOffer>;
  /** By principal. */
  readonly made: ReadonlyMap<string, Link>;
}

/** No links yet. */
const noLinks: Links = { version: 0, offers: new Map(), made: new Map() };

const page = 500;

/** Reads on from what is known of the links. */
export async function readLinks(store: Store, known: Links = noLinks): Promise<Links> {
  let links = known;
  for (;;) {
    const events = await store.read({ stream: peopleStream, after: links.version, limit: page });
    for (const stored of events) {
      const event = fromStored(stored);
      links = { ...(event === undefined ? links : evolveLinks(links, event, stored.at)), version: stored.version };
    }
    if (events.length < page) return links;
  }
}

/** Takes one event in. Pure. */
function evolveLinks(links: Links, event: JournalEvent, at: number): Links {
  switch (event.type) {
    case "link.offered": {
      const { person, by, until, principal } = event;
      const offer = { person, by, until, ...(principal === undefined ? {} : { principal }) };
      return { ...links, offers: new Map([...links.offers, [event.code, offer]]) };
    }
    case "link.made": {
      const offer = links.offers.get(event.code);
      // A link that no offer stands behind which was open then was not made by this program: it counts for nothing.
      if (offer === undefined || offer.usedBy !== undefined || offer.person !== event.person || at > offer.until) return links;
      if (offer.principal !== undefined && offer.principal !== event.principal) return links;
      const offers = new Map([...links.offers, [event.code, { ...offer, usedBy: event.principal }]]);
      const link = { person: event.person, ...(event.key === undefined ? {} : { key: event.key }) };
      return { ...links, offers, made: new Map([...links.made, [event.principal, link]]) };
    }
    case "link.removed":
      return { ...links, made: new Map([...links.made].filter(([principal]) => principal !== event.principal)) };
    default:
      return links;
  }
}

function isKeyOf(principal: string, line: string): boolean {
  const read = readPublicKey(line);
  return "key" in read && principal === `ssh:${read.key.fingerprint}`;
}

/**
 * People with the principals that were linked to them. What people.yaml says of a principal goes before a link; a link to somebody who is no
 * longer in the file counts for nothing.
 */
export function withLinks(people: People, links: Links): People {
  if (links.made.size === 0) return people;
  const written = new Set([...people.people.values()].flatMap((each) => [...each.principals]));
  const persons = new Map<string, Person>(people.people);
  for (const [principal, { person, key }] of links.made) {
    const known = persons.get(person);
    if (known === undefined || written.has(principal)) continue;
    const keys = key === undefined || !isKeyOf(principal, key) ? known.keys : [...known.keys, key];
    persons.set(person, { ...known, principals: new Set([...known.principals, principal]), keys });
  }
  return { ...people, people: persons };
}

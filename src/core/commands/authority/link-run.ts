import { identify } from "../../authority/authorise.ts";
import { judgeCode, noPeople, offerLink, useCode } from "../../authority/people/linking.ts";
import { readLinks } from "../../authority/people/links.ts";
import { principalText } from "../../authority/principal.ts";
import { fail } from "../../errors.ts";
import { suggestion } from "../../model/suggest.ts";
import type { Answer, CommandContext } from "../command.ts";
import type { LinkedDocument, LinkOfferDocument, LinksDocument } from "./link.ts";

/** Makes a code for a person: for oneself anybody may, for others an admin. @throws `NOT_ALLOWED`, `PERSON_UNKNOWN`, `LINK_REFUSED`. */
export async function makeCode(context: CommandContext, person: string, principal: string | undefined): Promise<Answer> {
  const house = await context.house();
  const authority = await house.authority();
  if (authority.mode === "single-user") throw noPeople();
  const by = await house.person();
  if (by !== person) await context.authorise("administer", { kind: "cluster" });
  if (!authority.people.people.has(person)) {
    const hint = suggestion(person, authority.people.people.keys());
    throw fail("PERSON_UNKNOWN", { message: `There is no person ${person} in people.yaml.`, hint });
  }
  const taken = principal === undefined ? undefined : identify(authority, { principal });
  if (taken?.allowed === true) throw fail("LINK_REFUSED", { message: `${principal} is ${taken.person} already.` });
  const code = await context.local.newCode();
  const until = await offerLink(house, { code, person, by, ...(principal === undefined ? {} : { principal }) });
  const document: LinkOfferDocument = { halligan: 1, kind: "link-offer", person, code, principal: principal ?? null, until };
  return { exit: 0, document: { ...document } };
}

/** Uses a code, after the person has said that they want to become whom it is for. @throws `LINK_REFUSED`, `CONFIRM_NEEDED`. */
export async function redeem(context: CommandContext, given: string): Promise<Answer> {
  const house = await context.house();
  const principal = principalText(house.principal);
  const code = given === "-" ? await context.local.askHidden("Code") : given;
  if (code === undefined) throw fail("USAGE", { message: "No code was given.", hint: "Type it, or send it on stdin." });
  const { person, by } = await judgeCode(house, code, principal);
  const detail = `${by} made this code. With it ${principal} stands for ${person} from now on, with everything that ${person} may do.`;
  const agreed = await context.confirm({ what: "link", detail });
  if (agreed === undefined)
    throw fail("CONFIRM_NEEDED", { message: detail, cause: "Nobody can be asked here.", hint: "Add `--yes` if that is what you want." });
  if (!agreed) return { exit: 6, document: { halligan: 1, kind: "not-linked", principal, person } };
  const key = house.principal.kind === "ssh" ? house.principal.key : undefined;
  const document: LinkedDocument = { halligan: 1, kind: "linked", principal, person: await useCode(house, code, principal, key), by };
  return { exit: 0, document: { ...document } };
}

/** Links and open codes, for whoever may read. @throws `NOT_ALLOWED`. */
export async function listLinks(context: CommandContext): Promise<Answer> {
  await context.authorise("read", { kind: "anywhere" });
  const house = await context.house();
  const authority = await house.authority();
  const { made, offers } = await readLinks(house.store);
  const document: LinksDocument = {
    halligan: 1,
    kind: "links",
    links: [...made].map(([principal, { person }]) => {
      const found = identify(authority, { principal });
      return { principal, person, counts: authority.mode === "people" && found.allowed && found.person === person };
    }),
    open: [...offers.values()]
      .filter((offer) => offer.usedBy === undefined && offer.until >= house.clock.now())
      .map(({ person, by, principal, until }) => ({ person, by, principal: principal ?? null, until })),
  };
  return { exit: 0, document: { ...document } };
}

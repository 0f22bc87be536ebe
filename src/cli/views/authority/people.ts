import type { LinkedDocument, LinkOfferDocument, LinksDocument } from "../../../core/commands/authority/link.ts";
import type { UnlinkedDocument } from "../../../core/commands/authority/unlink.ts";
import type { WhoamiDocument } from "../../../core/commands/authority/whoami.ts";
import { listed } from "../../../core/words/count.ts";
import { utcWords } from "../../../core/words/time.ts";
import { type Screen, table } from "../../screen.ts";

/** Who you are and what you may do. */
export function whoamiView(document: WhoamiDocument, screen: Screen): readonly string[] {
  const { mode, principal, person, name, groups, principals, roles, may } = document;
  if (mode === "single-user" && person !== null)
    return [`${screen.bold(person)}, the local user`, "There is no people.yaml here, so you may do everything (docs/people.md)."];
  if (person === null) {
    const next =
      mode === "people" ? "Ask an admin to add it, or for a code (`halligan link --for PERSON`)." : "There is no people.yaml here.";
    return [`${screen.red("nobody")}: ${principal} is not known here, so it may do nothing.`, next];
  }
  const single = Object.entries(roles.deployments).map(([deployment, held]) => `${listed(held)} of deployment ${deployment}`);
  return [
    `${screen.bold(person)}${name === null ? "" : `, ${name}`}`,
    `Known by   ${principal}`,
    ...(principals.length > 1 ? [`Also by    ${listed(principals.filter((each) => each !== principal))}`] : []),
    ...(groups.length > 0 ? [`Groups     ${listed(groups)}`] : []),
    `Roles      ${[...(roles.cluster.length === 0 ? [] : [listed(roles.cluster)]), ...single].join("; ") || "none"}`,
    `May        ${may.length === 0 ? (single.length === 0 ? "do nothing" : "do nothing outside of these deployments") : listed(may)}`,
  ];
}

/** A code that was made: the only time that it is shown. */
export function linkOfferView({ person, code, principal, until }: LinkOfferDocument, screen: Screen): readonly string[] {
  return [
    `Code for ${person}: ${screen.bold(code)}`,
    "",
    `${principal ?? "Whoever has it"} becomes ${person} with it, once, until ${utcWords(until)}: \`halligan link -\` there asks for it.`,
    ...(principal === null ? ["Hand it over where nobody else reads it; `--principal` binds a code to one user or key."] : []),
  ];
}

/** A principal that became a person. */
export function linkedView({ principal, person }: LinkedDocument, screen: Screen): readonly string[] {
  return [`${principal} is ${screen.bold(person)} from now on.`, `\`halligan unlink ${principal}\` takes that back.`];
}

/** A person decided against it. */
export function notLinkedView(): readonly string[] {
  return ["Nothing was changed. The code can still be used until it expires."];
}

/** Links and open codes. */
export function linksView({ links, open }: LinksDocument, screen: Screen): readonly string[] {
  const made =
    links.length === 0
      ? ["Nothing was linked with a code; people.yaml alone says who is who."]
      : table<LinksDocument["links"][number]>(
          screen,
          [
            { title: "PRINCIPAL", cell: (each) => each.principal, flexible: true },
            { title: "PERSON", cell: (each) => each.person },
            { title: "COUNTS", cell: (each) => (each.counts ? "yes" : "no: people.yaml says otherwise") },
          ],
          links,
        );
  const offered = open.map(
    (each) =>
      `Open code for ${each.person}${each.principal === null ? "" : ` and ${each.principal}`}, made by ${each.by}, until ${utcWords(each.until)}.`,
  );
  return [...made, ...(offered.length === 0 ? [] : ["", ...offered])];
}

/** A link that was taken away. */
export function unlinkedView({ principal, person }: UnlinkedDocument, screen: Screen): readonly string[] {
  return [`${principal} stands for ${screen.bold("nobody")} any more; it was ${person}.`];
}

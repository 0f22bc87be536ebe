import type { ClusterNode } from "../../model/cluster.ts";

/** The label that says at which site a node is. */
const siteLabel = "site";

/** Grows when engine and worker could misunderstand each other although they are of one version. */
const dialect = 1;

/** The site of a node; `undefined`: it has none, and workers without a site serve it. */
export function siteOf({ labels }: Pick<ClusterNode, "labels">): string | undefined {
  return labels[siteLabel];
}

/** Where the jobs of a site's nodes go. An engine sends to workers of its own version only: others never see its jobs. */
export function placeOf(site: string | undefined, version: string): string {
  return `${version}/${dialect}/${site ?? ""}`;
}

/** A site as people read it. */
export function siteWords(site: string | undefined): string {
  return site === undefined ? "nodes without a site" : `site ${site}`;
}

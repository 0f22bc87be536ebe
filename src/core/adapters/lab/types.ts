import type { Problem } from "../../errors.ts";

/** How a lab makes its nodes: `sandbox` = private views of this machine, no root; `nspawn` = systemd machines, root. */
export type LabDriver = "sandbox" | "nspawn";

/** What happened while a lab is brought up or down. Facts, no prose: front ends choose the words. */
export type LabFact =
  | { readonly type: "lab.starting"; readonly driver: LabDriver; readonly nodes: number }
  | { readonly type: "lab.packages.installing"; readonly packages: readonly string[] }
  | { readonly type: "lab.base.building"; readonly directory: string; readonly suite: string; readonly mirror: string }
  | { readonly type: "lab.base.ready"; readonly directory: string; readonly ms: number }
  | { readonly type: "lab.node.up"; readonly node: string; readonly address: string; readonly port: number }
  | { readonly type: "lab.node.down"; readonly node: string }
  | { readonly type: "lab.up"; readonly nodes: number; readonly ms: number }
  | { readonly type: "lab.down"; readonly nodes: number; readonly ms: number };

/** Which lab: the folder that holds, or will hold, `cluster.yaml` and `.halligan/lab`. */
export interface LabPlace {
  readonly folder: string;
  readonly onProgress?: (fact: LabFact) => void;
}

/** What `labUp` needs. */
export interface LabUpOptions extends LabPlace {
  /** 1 to 100. */
  readonly nodes: number;
  readonly driver: LabDriver;
  readonly clusterName: string;
  /** nspawn only: each node gets a second interface, `eth1`, on a network without addresses. A lab that has it keeps it. */
  readonly providerNetwork?: boolean;
  /** nspawn only: a folder over the Debian base and below what each node writes, such as the files of a node with packages installed. */
  readonly layer?: string;
  /** nspawn only: where the Debian base and downloaded packages are kept between labs. Default `/var/cache/halligan`. */
  readonly cacheDir?: string;
}

/** What `labDown` needs. */
export interface LabDownOptions extends LabPlace {
  /** Also forget the files that the nodes wrote, their keys and addresses. Without it the next `up` finds the nodes' disks as they were. */
  readonly discard?: boolean;
}

/** One node of a lab, as it is now. */
export interface LabNode {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly state: "up" | "down";
  /** The process that holds the node; 0 when it never ran. */
  readonly pid: number;
}

/** A lab as it is now. */
export interface LabStatus {
  readonly driver: LabDriver;
  readonly clusterName: string;
  /** `partial`: some nodes are up, some are not. */
  readonly state: "up" | "partial" | "down";
  readonly nodes: readonly LabNode[];
  /** The process that serves the lab; 0 when it is down. */
  readonly daemonPid: number;
  /** Absolute path of the cluster file in the lab's folder. */
  readonly clusterFile: string;
  /** `written` now, `kept` because it names these nodes already, or `other`: it names other nodes and was left alone. */
  readonly cluster: "written" | "kept" | "other" | "missing";
  /** Absolute path of the private key that logs in to every node as root. */
  readonly key: string;
  readonly knownHosts: string;
  /** False when the nodes live in memory only, so that `down` forgets their files. */
  readonly keepsFiles: boolean;
  /** Things to tell the user although the lab is up, e.g. `LAB_CLUSTER_EXISTS`. */
  readonly notices: readonly Problem[];
}

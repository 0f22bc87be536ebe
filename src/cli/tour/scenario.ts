/** What the tour deploys with a lab driver, and the lines that it edits on the way. */
export interface Scenario {
  /** Example below `examples/` whose deployments are used. */
  readonly example: string;
  /** Role in front of the service, and its setting that holds the port. */
  readonly front: { readonly role: string; readonly port: string };
  /** Role of the service on the machines behind it. */
  readonly web: string;
  /** What is deployed, a few words. */
  readonly what: string;
  /** The line that is there at first, after the update, with the fault. */
  readonly line: { readonly first: string; readonly updated: string; readonly faulty: string };
  /** What is wrong with the faulty line. */
  readonly fault: string;
}

/** Scenarios by lab driver. */
export const scenarios: Readonly<Record<"sandbox" | "nspawn", Scenario>> = {
  sandbox: {
    example: "lab",
    front: { role: "hello-balancer", port: "port" },
    web: "hello-web",
    what: "a base layer on all nodes, a small web service on three, a load balancer in front of it, a client that verifies both",
    line: { first: "greeting: Hello ", updated: "greeting: Good day ", faulty: "greeting: Good night\n        failOn: n3 " },
    fault: "on n3 the service will never become healthy",
  },
  nspawn: {
    example: "machines",
    front: { role: "haproxy", port: "port" },
    web: "app",
    what: "a base layer on all machines, a service on three, haproxy in front of it, nginx on the fifth",
    line: {
      first: "env: { GREETING: Hello } ",
      updated: "env: { GREETING: Good day } ",
      faulty: 'env: { GREETING: Good night, SICK: "yes" } ',
    },
    fault: "the new release never becomes healthy",
  },
};

/** The files of a new barclamp, by path. It needs no packages and no root, so that it works at once in the lab. */
export function scaffoldFiles(name: string): ReadonlyMap<string, string> {
  return new Map([
    ["barclamp.yaml", barclampText(name)],
    ["templates/greeting.liquid", templateText(name)],
    ["fixtures/first-time.yaml", fixtureText(name)],
  ]);
}

function barclampText(name: string): string {
  return `# A barclamp: what it takes to give a node one or several roles. docs/writing-barclamps.md walks through it, docs/file-formats.md has every key.
barclamp: ${name}
version: 0.1.0
description: Says hello from a file.

# Settings that clusters may give; templates read them as set.NAME.
attributes:
  greeting: { type: string, default: Hello, why: something to see at once }
  folder: { type: string, default: /var/tmp/${name}, pattern: "/[A-Za-z0-9/._-]+", why: anybody may write there }

roles:
  ${name}:
    description: A folder with a greeting in it.
    # requires: [sql]              # capabilities or roles that must be active first
    # inputs: { db: { from: sql.url } }
    # Steps run in this order. Each looks first and acts only where something differs.
    steps:
      - directory: { path: "{{ set.folder }}", mode: "0755" }
      - template: { path: "{{ set.folder }}/greeting", source: greeting.liquid, mode: "0644" }
      - command:
          name: greeted
          run: "cp '{{ set.folder }}/greeting' '{{ set.folder }}/greeted'"
          # Not run while this succeeds, so a second run changes nothing.
          unless: "cmp -s '{{ set.folder }}/greeting' '{{ set.folder }}/greeted'"
    # What other roles may use.
    outputs:
      path: { type: string, capability: ${name}-greeting, value: "{{ set.folder }}/greeting" }
    # Must hold after applying; asked again until then.
    verify:
      - command: { run: "grep -q '{{ set.greeting }}' '{{ set.folder }}/greeted'" }
        within: 10s
    # Takes the role away. Without it, each step's inverse would run in reverse order; a command has none.
    undo:
      - file: { path: "{{ set.folder }}/greeted", state: absent }
      - file: { path: "{{ set.folder }}/greeting", state: absent }
      - directory: { path: "{{ set.folder }}", state: absent }
`;
}

function templateText(name: string): string {
  return `{{ set.greeting }} from {{ node.name }}, a node of cluster {{ cluster.name }}.
{% comment %} A Liquid template: it sees set, inputs, facts, node, cluster, deployment. Made for barclamp ${name}. {% endcomment %}
`;
}

function fixtureText(name: string): string {
  return `# With these settings, on a node that looks like this, these steps change. \`halligan barclamp test ${name}\` runs it.
title: an empty node gets everything
role: ${name}
set: { greeting: Good morning }
observed: {}
changes:
  "directory:/var/tmp/${name}": create
  "template:/var/tmp/${name}/greeting": create
  "command:greeted": change
`;
}

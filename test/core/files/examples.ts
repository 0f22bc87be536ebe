/** The examples of the design: what users are told to write. */
export const exampleCluster = `halligan: 1
cluster: lab-a
ssh: { user: ops, key: ~/.ssh/id_ed25519, become: sudo, hostKeys: strict }   # strict | accept-new
nodes:
  ctl-[1-3]: { address: 10.20.0.1[1-3], labels: { tier: control, rack: r[1-3] } }
  cmp-[01-20]: { address: 10.20.1.[1-20], labels: { tier: compute } }
deployments:
  identity:
    place:
      mariadb-server:  { on: tier=control, count: 3, spread: rack }
      keystone-server: { on: tier=control }
    set:
      keystone: { region: RegionOne, tokenLifetime: 4h }
    secrets:
      keystone.adminPassword: { generate: 32 }
    rollout: { batch: 25%, maxFailures: 1, onUnreachable: skip-and-report }
    approvals: { default: 1, destructive: { people: 2, excludeAuthor: true }, ttl: 60m }
    budget: 25m
`;

export const exampleBarclamp = `barclamp: keystone
version: 1.0.0
attributes:
  region:        { type: string, default: RegionOne, why: one-region clouds dominate }
  tokenLifetime: { type: duration, min: 5m, max: 7d, default: 4h }
  adminPassword: { type: secret, required: true }
roles:
  keystone-server:
    requires: [sql, cache]
    platform: [debian>=12, ubuntu>=22.04]
    inputs: { db: { from: sql.url } }
    steps:
      - package: [keystone, apache2]
      - ini: { path: /etc/keystone/keystone.conf, owner: root:keystone, mode: "0640", notify: apache2,
               set: { database.connection: "{{ inputs.db }}", token.expiration: "{{ set.tokenLifetime | seconds }}" } }
      - command: { name: schema, run: keystone-manage db_sync, as: keystone, once: deployment, unless: "..." }
      - service: { name: apache2, state: running, enabled: true }
    outputs: { endpoint: { type: url, capability: identity, value: "http://{{ node.address }}:5000/v3" } }
    checks: [ { code: KEY-101, port: 5000, freeUnlessOurs: true } ]
    verify: [ { http: "http://{{ node.address }}:5000/v3", status: 200, within: 90s } ]
    undo: [ { service: { name: apache2, state: stopped } }, { package: { name: keystone, state: absent } } ]
`;

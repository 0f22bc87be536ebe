/** A barclamp whose proofs do everything that proofs may do, well and badly. `/srv/box` is its service. */
export const boxBarclamp = `barclamp: box
version: 1.0.0
description: A folder that proves things.
attributes:
  password: { type: secret, required: true }
  brittle: { type: boolean, default: false }
roles:
  box:
    steps:
      - directory: { path: /srv/box }
    verify:
      - command: { name: there, run: "echo looking; test ! -e /srv/box/sick" }
    proves:
      box-files-return:
        means: A file is written and read back.
        steps:
          - command: { name: write, run: 'echo "$PROOF" > "/srv/box/$PROOF"' }
          - command: { name: read, run: 'sleep 0.3; test "$(cat "/srv/box/$PROOF")" = "$PROOF"' }
        cleanup:
          - command: { name: remove, run: 'rm -f "/srv/box/$PROOF"' }
      box-fails-loudly:
        means: It fails.
        once: deployment
        after: [box-files-return]
        steps:
          - command: { name: make, run: 'echo made > /srv/box/by-failure' }
          - command: { name: break, env: { PW: "{{ set.password }}" }, run: 'echo "<![CDATA[ ]]> \\u0001& $PW"; exit 7' }
          - command: { name: never, run: 'touch /srv/box/never' }
        cleanup:
          - command: { name: remove, run: 'rm -f /srv/box/by-failure' }
      box-takes-long:
        means: It takes too long.
        once: deployment
        within: 2s
        steps:
          - command: { name: sleep, run: 'touch /srv/box/by-delay; sleep 61.7' }
        cleanup:
          - command: { name: remove, run: 'rm -f /srv/box/by-delay' }
      box-needs-more:
        means: It builds on one that fails.
        once: deployment
        after: [box-fails-loudly]
        steps: [ { command: { name: never, run: 'touch /srv/box/never' } } ]
      box-leaves-things:
        means: Its cleanup fails.
        once: deployment
        steps: [ { command: { name: ok, run: "true" } } ]
        cleanup:
          - command: { name: first, run: 'exit 3' }
          - command: { name: second, run: 'touch /srv/box/second-ran' }
      box-can-wait:
        means: It waits until somebody leaves.
        once: deployment
        within: 10m
        steps: [ { command: { name: wait, when: set.brittle, run: 'touch /srv/box/waits; sleep 617.3' } } ]
        cleanup:
          - command: { name: remove, run: 'rm -f /srv/box/waits' }
      box-goes-on:
        means: It goes on when it is told to.
        once: deployment
        within: 10m
        steps: [ { command: { name: wait, run: 'touch /srv/box/waits; until test -e /srv/box/go; do sleep 0.1; done' } } ]
        cleanup:
          - command: { name: remove, run: 'rm -f /srv/box/waits /srv/box/go' }
      box-circles-round:
        means: It waits for another that waits for it.
        once: deployment
        after: [box-circles-back]
        steps: [ { command: { name: never, run: 'touch /srv/box/never' } } ]
      box-circles-back:
        means: It waits for another that waits for it.
        once: deployment
        after: [box-circles-round]
        steps: [ { command: { name: never, run: 'touch /srv/box/never' } } ]
`;

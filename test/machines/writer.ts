import type { LabStatus } from "../../src/core/adapters/lab/types.ts";
import { onNode } from "../support/lab-ssh.ts";

/** What a writer came to: what went wrong, and how many rows stand. */
export interface Written {
  readonly failed: readonly string[];
  readonly written: number;
}

// Before each write it asks the servers in turn for their health, as a balancer does, and takes the first that is well.
const program = String.raw`
use strict; use warnings; use IO::Socket::INET; use Time::HiRes qw(sleep);
my @servers = @ARGV; my ($ok, $turn) = (0, 0);
open(my $log, '>', '/root/.writer/failed'); $log->autoflush(1);
sub well {
  my $s = IO::Socket::INET->new(PeerAddr => $_[0], PeerPort => 9200, Timeout => 2) or return 0;
  print $s "GET / HTTP/1.0\r\n\r\n"; my $line = <$s> // ''; return $line =~ / 200 /;
}
until (-e '/root/.writer/stop') {
  my ($server) = grep { well($_) } map { $servers[($turn + $_) % @servers] } 0 .. $#servers;
  $turn++;
  if (!defined $server) { print $log "no server is well\n"; sleep 0.2; next; }
  my $said = qx(mariadb --defaults-file=/root/.writer/cnf --connect-timeout=20 -h $server -e 'insert into shop.written (server) values ("$server")' 2>&1);
  if ($?) { print $log "$server: $said"; } else { $ok++; }
  sleep 0.05;
}
print "$ok\n";
`;

/** Writes rows through healthy servers of a Galera cluster, from one of its machines, until it is stopped. */
export class Writer {
  readonly #lab: LabStatus;
  readonly #node: number;
  readonly #running: Promise<{ readonly stdout: string }>;
  readonly #before: number;

  private constructor(lab: LabStatus, node: number, before: number, running: Promise<{ readonly stdout: string }>) {
    this.#lab = lab;
    this.#node = node;
    this.#before = before;
    this.#running = running;
  }

  /** `node`: where it runs; `through`: the servers that it uses. */
  static async start(lab: LabStatus, node: number, through: readonly number[]): Promise<Writer> {
    const password = "correct-horse'\"battery".replaceAll('"', String.raw`\"`);
    const prepare = `rm -rf /root/.writer; mkdir -m 700 /root/.writer; cat >/root/.writer/cnf; mariadb -e 'create table if not exists shop.written (i bigint primary key auto_increment, server varchar(50))'; mariadb -N -e 'select count(*) from shop.written'`;
    const made = await onNode(lab, node, prepare, `[client]\nuser = shop\npassword = "${password}"\n`);
    await onNode(lab, node, "cat >/root/.writer/writer.pl", program);
    const addresses = through.map((index) => lab.nodes[index - 1]?.address ?? "").join(" ");
    return new Writer(lab, node, Number(made.stdout), onNode(lab, node, `perl /root/.writer/writer.pl ${addresses}`));
  }

  /** Ends it; `written` counts what was there before too. */
  async stop(): Promise<Written> {
    await onNode(this.#lab, this.#node, "touch /root/.writer/stop");
    const { stdout } = await this.#running;
    const failed = (await onNode(this.#lab, this.#node, "cat /root/.writer/failed")).stdout.split("\n").filter(Boolean);
    return { failed, written: this.#before + Number(stdout) };
  }
}

#!/usr/bin/perl
# A service with a database and a cache, as the app barclamp asks of one: each request to / writes one row and tells how many there are. Needs the
# packages libdbi-perl and libdbd-mysql-perl. A member of the database that stops meanwhile costs a request some patience, not its answer.
use strict;
use warnings;
use DBI;
use IO::Socket::INET;

my ($address, $port, $node) = ($ENV{ADDRESS}, $ENV{PORT}, $ENV{NODE} // "?");
my $patience = 15; # seconds that a request may wait for the database

sub decoded { my ($text) = @_; $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; return $text }

my ($user, $password, $host, $db_port, $name) = ($ENV{DATABASE_URL} // "") =~ m{^mysql://([^:]+):([^@]*)@([^:/]+):(\d+)/(\w+)}
    or die "DATABASE_URL is not mysql://USER:PASSWORD\@HOST:PORT/NAME\n";
$_ = decoded($_) for $user, $password;

sub connection {
    my $dsn = "DBI:mysql:database=$name;host=$host;port=$db_port;mysql_connect_timeout=2;mysql_read_timeout=4;mysql_write_timeout=4";
    return DBI->connect($dsn, $user, $password, { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
}

# Tries until it works or the patience is over. What it does may be done twice, so it must not matter.
sub patiently {
    my ($work) = @_;
    my $until = time + $patience;
    while (1) {
        my $result = eval { my $db = connection(); my $done = $work->($db); $db->disconnect; $done };
        return $result if defined $result;
        die $@ if time >= $until;
        select undef, undef, undef, 0.2;
    }
}

# The cache counts too, and may be missing.
sub cached {
    my ($secret, $cache_host, $cache_port) = ($ENV{CACHE_URL} // "") =~ m{^redis://:([^@]*)@([^:/]+):(\d+)} or return "none";
    my $cache = IO::Socket::INET->new(PeerAddr => $cache_host, PeerPort => $cache_port, Timeout => 1) or return "away";
    $secret = decoded($secret);
    print $cache "*2\r\n\$4\r\nAUTH\r\n\$" . length($secret) . "\r\n$secret\r\n*2\r\n\$4\r\nINCR\r\n\$6\r\nvisits\r\n";
    local $SIG{ALRM} = sub { die "slow\n" };
    my $count = eval { alarm 2; <$cache>; my $line = <$cache>; alarm 0; $line };
    return defined $count && $count =~ /^:(\d+)/ ? $1 : "away";
}

sub visit {
    my $id = join "-", $node, $$, time, int rand 1e9;
    my $count = patiently(sub {
        my ($db) = @_;
        $db->do("INSERT IGNORE INTO visits (id, node) VALUES (?, ?)", undef, $id, $node);
        return $db->selectrow_array("SELECT COUNT(*) FROM visits");
    });
    return "visit $count (cache " . cached() . ") on $node (release " . ($ENV{RELEASE} // "?") . ")\n";
}

sub answer_to {
    my ($path) = @_;
    return (200, visit()) if $path eq "/";
    return (200, patiently(sub { $_[0]->selectrow_array("SELECT 'ok'") }) . "\n") if $path eq "/healthz";
    return -e ($ENV{DRAIN_FILE} // "") ? (503, "not ready\n") : (200, "ready\n") if $path eq "/readyz";
    return (404, "not found\n");
}

sub serve {
    my ($client) = @_;
    my $line = <$client> // return;
    while (my $header = <$client>) { last if $header =~ /^\r?\n$/ }
    my ($path) = $line =~ m{^GET ([^ ?]*)\S* HTTP/1\.[01]\r?\n$};
    my ($status, $body) = defined $path ? eval { answer_to($path) } : (400, "bad request\n");
    ($status, $body) = (500, "$@") unless defined $status;
    my $length = length $body;
    print $client "HTTP/1.1 $status Answer\r\nContent-Type: text/plain\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$body";
    close $client;
}

patiently(sub { $_[0]->do("CREATE TABLE IF NOT EXISTS visits (id VARCHAR(100) PRIMARY KEY, node VARCHAR(64) NOT NULL)") });
my $server = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 128, ReuseAddr => 1)
    or die "cannot listen on $address:$port: $!\n";
my $stopping = 0;
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1; close $server };
$SIG{PIPE} = "IGNORE";
$SIG{CHLD} = sub { local ($!, $?); 1 while waitpid(-1, 1) > 0 };
until ($stopping) {
    my $client = $server->accept or next;
    my $child = fork;
    if (!defined $child) { close $client; next }
    if ($child == 0) {
        $SIG{$_} = "DEFAULT" for qw(CHLD INT);
        $SIG{TERM} = "IGNORE";
        close $server;
        serve($client);
        exit 0;
    }
    close $client;
}
1 while waitpid(-1, 0) > 0;

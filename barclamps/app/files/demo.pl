#!/usr/bin/perl
# A service that does what the app barclamp asks of one: it listens on $ADDRESS:$PORT, answers /healthz, answers /readyz with 200 only while
# $DRAIN_FILE does not exist, and finishes running requests on TERM. Needs nothing but perl-base.
use strict;
use warnings;
use IO::Socket::INET;

my ($address, $port, $node) = ($ENV{ADDRESS}, $ENV{PORT}, $ENV{NODE} // "?");
my $text = ($ENV{GREETING} // "Hello") . " from $node (release " . ($ENV{RELEASE} // "?") . ")\n";
my $sick = ($ENV{SICK} // "") eq "yes";

sub answer_to {
    my ($path) = @_;
    return (200, $text) if $path eq "/";
    return $sick ? (500, "sick\n") : (200, "ok\n") if $path eq "/healthz";
    return $sick || -e ($ENV{DRAIN_FILE} // "") ? (503, "not ready\n") : (200, "ready\n") if $path eq "/readyz";
    return (404, "not found\n");
}

sub serve {
    my ($client) = @_;
    alarm 10;
    my $line = <$client> // return;
    while (my $header = <$client>) { last if $header =~ /^\r?\n$/ }
    my ($method, $path) = $line =~ m{^(GET|HEAD) ([^ ?]*)\S* HTTP/1\.[01]\r?\n$};
    my ($status, $body) = defined $path ? answer_to($path) : (400, "bad request\n");
    my $length = length $body;
    print $client "HTTP/1.1 $status Answer\r\nContent-Type: text/plain\r\nContent-Length: $length\r\nX-Served-By: $node\r\nConnection: close\r\n\r\n",
        ($method // "") eq "HEAD" ? "" : $body;
    close $client;
}

my $server = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 128, ReuseAddr => 1)
    or die "cannot listen on $address:$port: $!\n";
my $stopping = 0;
my %running;
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1; close $server };
$SIG{PIPE} = "IGNORE";
$SIG{CHLD} = sub { local ($!, $?); while ((my $done = waitpid(-1, 1)) > 0) { delete $running{$done} } };
print STDERR "listening on $address:$port\n";
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
    $running{$child} = 1;
    close $client;
}
1 while waitpid(-1, 0) > 0;

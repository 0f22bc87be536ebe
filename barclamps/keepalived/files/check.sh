#!/bin/sh
# Does the front take connections on this port of this node? Asked by keepalived once a second.
exec perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0], Timeout => 1) ? 0 : 1)' "$1"

import { posix } from "../quote.ts";

/** The part of the helper's program that searches dpkg's list of packages (helper-program.ts). */
export const packagesSource = posix`
  # Of these packages, what dpkg keeps of them, as grep(1) would print it.
  sub stanzas {
    my ($file, $path, @names) = @_;
    my $most = 33554432;
    my $all = contents($path, 0, $most);
    return unless defined $all && length $all < $most;
    my $text = "";
    for my $name (@names) {
      for (my $at = -1; ($at = index $all, "Package: $name\n", $at + 1) >= 0;) {
        next unless $at == 0 || substr($all, $at - 1, 1) eq "\n";
        my $end = index $all, "\n\n", $at;
        my $record = substr $all, $at, $end < 0 ? length $all : $end - $at;
        $text .= join "", map { "$_\n" } grep { /^(?:Package|Status|Architecture|Version): / } split /\n/, $record;
      }
    }
    return keep($file, "hg_o=" . word($text) . "\n");
  }
`;

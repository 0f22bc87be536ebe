import { posix } from "../quote.ts";

/** The part of the helper's program that searches and changes lines of texts (helper-program.ts), for patterns that mean the same to Perl as to grep (plain-pattern.ts). */
export const linesSource = posix`
  # A text that ends with a line break, and whose lines are of a length that any pattern goes through soon.
  sub lines_of {
    my $text = text_of(@_);
    return unless defined $text;
    $text .= "\n" unless $text =~ /(?:^|\n)\z/;
    my $longest = 4096;
    for (my ($at, $end) = (0, 0); ($end = index $text, "\n", $at) >= 0; $at = $end + 1) { return if $end - $at > $longest }
    return $text;
  }

  # Lines that match, by their numbers, each with where it begins: what matches somewhere in the whole is looked at as a line by itself.
  sub lines_with {
    my ($text, @patterns) = @_;
    my %found;
    for my $pattern (@patterns) {
      my ($number, $at) = (1, 0);
      pos($text) = 0;
      while (pos($text) < length $text && $text =~ /$pattern/g) {
        my $end = index $text, "\n", $-[0];
        last if $end < 0;
        my $start = $-[0] > 0 ? rindex($text, "\n", $-[0] - 1) + 1 : 0;
        $number += (substr $text, $at, $start - $at) =~ tr/\n//;
        my $line = substr $text, $start, $end - $start;
        $found{$number} = [$line, $start] if $line =~ $pattern;
        pos($text) = $end + 1;
        $at = $start;
      }
    }
    return \%found;
  }

  # As grep(1) has it with numbers and names.
  sub matching {
    my ($file, $count, @words) = @_;
    my @patterns = map { eval { qr/$_/m } or return } splice @words, 0, $count;
    my $told = "\n";
    for my $path (@words) {
      my $text = lines_of($path);
      return unless defined $text;
      my $found = lines_with($text, @patterns);
      $told .= "$path:$_:$found->{$_}[0]\n" for sort { $a <=> $b } keys %$found;
    }
    return keep($file, "hg_matches=" . word($told) . "\n");
  }

  # Number, text and place of the last line that matches.
  sub last_of {
    my ($text, $pattern) = @_;
    return ("", "", length $text) if $pattern eq "";
    my $matches = eval { qr/$pattern/m } or return;
    my $found = lines_with($text, $matches);
    my ($number) = sort { $b <=> $a } keys %$found;
    return defined $number ? ($number, @{$found->{$number}}) : ("", "", length $text);
  }

  sub last_line {
    my ($file, $path, $pattern) = @_;
    my $text = lines_of($path);
    my ($number, $line) = defined $text ? last_of($text, $pattern) : ();
    return defined $number && keep($file, "hg_number=$number hg_line=" . word($line) . "\n");
  }

  # Writes a new file beside a text: its last line that matches replaced, or the line behind all others.
  sub relined {
    return unless @_ == 5;
    my ($file, $path, $new, $pattern, $line) = @_;
    my $text = lines_of($path);
    my ($number, $old, $at) = defined $text ? last_of($text, $pattern) : ();
    return unless defined $number;
    substr $text, $at, $number eq "" ? 0 : 1 + length $old, "$line\n";
    return made($new, $text) && keep($file, "hg_number=$number hg_line=" . word($old) . "\n");
  }
`;

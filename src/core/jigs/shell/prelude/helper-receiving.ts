import { posix } from "../quote.ts";

/** The part of the helper's program for one that serves a receiver and all scripts which come to that (helper-program.ts): Perl, without a single quote. */
export const receivingSource = posix`
  # A script that begins is known by its folder; commands see its variables.
  sub greet {
    my ($name) = @_;
    unseat();
    @ENV{qw(HG_VOLATILE HG_JOB HG_STATE PATH)} = @_;
    return "$name\n";
  }

  # So many bytes of the channel, C, into a file. All of them are taken, also where the file has no room for them; not more.
  sub take {
    my ($path, $size) = @_;
    my ($left, $kept, $why) = ($size, 0, "");
    open(my $file, ">", $path) or $why = $!;
    while ($left > 0) {
      my $got = sysread(C, my $piece, $left < 65536 ? $left : 65536) or last;
      $left -= $got;
      while ($why eq "" && length $piece) {
        my $wrote = syswrite $file, $piece;
        if ($wrote) { $kept += $wrote } else { $why = $! }
        substr $piece, 0, $wrote // 0, "";
      }
    }
    ($kept, $why) = (0, $!) unless close $file;
    return 1 if $kept == $size;
    return "took $kept $why\n";
  }
`;

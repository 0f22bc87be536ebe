import { posix } from "../quote.ts";

/**
 * The part of the helper's program that edits single settings of an INI-like text (helper-program.ts): `edited EDITS PATH TYPE NEW SEPARATOR` writes a new file beside it, as
 * `hg_ini_print` of the kind does with awk. An edit is a line of `VERB\tSECTION\tKEY\tVALUE`.
 */
export const settingsSource = posix`
  sub trimmed {
    my ($text) = @_;
    $text =~ s/^[ \t]+//;
    $text =~ s/[ \t]+\z//;
    return $text;
  }

  sub edited {
    my ($asked, $path, $type, $new, $separator) = @_;
    my $edits = text_of($asked);
    my $text = $type eq "none" ? "" : text_of($path);
    return unless defined $edits && defined $text;
    my @edits = map { my ($verb, $where, $key, $value) = split /\t/, $_, 4; { verb => $verb, where => $where, key => $key, value => $value } } split /\n/, $edits;
    my ($part, $apart, @held, @out) = ("", 0);
    my $set = sub {
      my ($where) = @_;
      for (grep { $_->{verb} eq "set" && ! $_->{done} && $_->{where} eq $where } @edits) {
        push @out, $_->{key} . $separator . $_->{value};
        $_->{done} = 1;
      }
    };
    # What is new stands behind the last line of its section that is not empty.
    my $emit = sub {
      my $last = @held;
      $last-- while $last > 0 && $held[$last - 1] =~ /^[ \t]*\z/;
      push @out, splice @held, 0, $last;
      $set->($part);
      push @out, splice @held;
    };
    my @lines = split /\n/, $text, -1;
    pop @lines if @lines && $lines[-1] eq "";
    LINE: for (@lines) {
      my $line = trimmed($_);
      if ($line =~ /^\[(.*)\]\z/s) {
        $emit->();
        $part = $1;
      } elsif ($line =~ /^(?![#;])([^=:]*)[=:]/ || $line =~ /^(?![#;])(.*?) /) {
        my $key = trimmed($1);
        for my $edit ($key eq "" ? () : grep { $_->{where} eq $part && $_->{key} eq $key } @edits) {
          next LINE if $edit->{verb} eq "unset" || $edit->{done};
          $edit->{done} = 1;
          push @held, $edit->{key} . $separator . $edit->{value};
          next LINE;
        }
      }
      push @held, $_;
    }
    $emit->();
    for (@edits) {
      next if $_->{verb} ne "set" || $_->{done};
      push @out, "" if @lines || $apart++;
      push @out, "[$_->{where}]";
      $set->($_->{where});
    }
    return made($new, join "", map { "$_\n" } @out);
  }
`;

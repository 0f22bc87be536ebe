import { posix } from "../quote.ts";

/**
 * The part of the helper's program that tells of the node's state (helper-program.ts): Perl, without a single quote. Answers are assignments of the shell in a file that it
 * reads as a text of its own, since from a pipe a shell reads byte by byte. Each gives nothing where it could not tell all.
 */
export const readingSource = posix`
  # What is opened is what was seen, not what a link planted in between points to.
  sub held {
    my ($path) = @_;
    my @seen = lstat $path or return;
    return unless -f _ || -d _;
    my $nonblock = 2048;
    sysopen(my $handle, $path, $nonblock) or return;
    my @opened = stat $handle;
    return unless $seen[0] == $opened[0] && $seen[1] == $opened[1];
    return $handle;
  }

  sub contents {
    my ($path, $offset, $size) = @_;
    open my $file, "<", $path or return;
    # As much memory is taken as is asked for.
    my $left = 1 + (-s $file) - $offset;
    $size = $left if $size > $left && $left > 0;
    my $got = seek($file, $offset, 0) && read($file, my $text, $size);
    return defined $got ? $text : undef;
  }

  # All of a text that is not large.
  sub text_of {
    my ($path) = @_;
    my $text = contents($path, 0, 262145);
    return defined $text && length $text < 262145 && $text !~ /\0/ ? $text : undef;
  }

  sub word {
    my ($text) = @_;
    $text =~ s/\x27/\x27\\\x27\x27/g;
    return "\x27$text\x27";
  }

  sub keep {
    my ($file, $text, $handle) = @_;
    return open($handle, ">", $file) && print($handle $text) && close $handle;
  }

  # A file that was not there; nothing is left of it where it could not be written.
  sub made {
    my ($path, $text) = @_;
    my $exclusive = 193;
    sysopen(my $handle, $path, $exclusive, 0600) or return;
    return 1 if print($handle $text) && close $handle;
    unlink $path;
    return;
  }

  # As hg_stat has it with stat(1).
  sub known {
    my ($file, @asked) = @_;
    my ($text, %users, %groups) = ("");
    while (my ($k, $path) = splice @asked, 0, 2) {
      my ($type, $target, @seen) = ("none", "", lstat $path);
      my ($mode, $user, $group) = ("", "", "");
      if (@seen) {
        $type = -l _ ? "link" : -f _ ? "file" : -d _ ? "dir" : "other";
        $mode = sprintf "%03o", $seen[2] & 07777;
        $user = $users{$seen[4]} //= getpwuid($seen[4]) // "UNKNOWN";
        $group = $groups{$seen[5]} //= getgrgid($seen[5]) // "UNKNOWN";
        $target = readlink($path) // return if $type eq "link";
      } else {
        @seen[4, 5, 7] = ("", "", 0);
      }
      $text .= "t_$k=$type m_$k=$mode u_$k=" . word($user) . " g_$k=" . word($group)
        . " un_$k=$seen[4] gn_$k=$seen[5] s_$k=$seen[7] d_$k= l_$k=" . word($target) . "\n";
    }
    return keep($file, $text);
  }

  # Files that hold what stands in the script have its digest.
  sub alike {
    my ($file, $script, $base, @asked) = @_;
    my $text = "";
    open my $contents, "<", $script or return;
    while (my ($k, $offset, $size, $digest, $path) = splice @asked, 0, 5) {
      my $handle = held($path) or next;
      next unless -f _ && (stat _)[7] == $size;
      seek $contents, $base + $offset, 0;
      my ($there, $wanted) = ("", "");
      next unless defined read($contents, $wanted, $size) && defined read($handle, $there, $size);
      $text .= "d_$k=$digest\n" if length $wanted == $size && $there eq $wanted;
    }
    return keep($file, $text);
  }

  sub texts {
    my ($file, @asked) = @_;
    my $text = "";
    while (my ($k, $size, $path) = splice @asked, 0, 3) {
      my $got = text_of($path);
      return unless defined $got && length $got == $size;
      $text .= "x_$k=" . word($got) . "\n";
    }
    return keep($file, $text);
  }
`;

import { posix } from "../quote.ts";
import { guardsSource } from "./helper-guards.ts";
import { linesSource } from "./helper-lines.ts";
import { packagesSource } from "./helper-packages.ts";
import { receivingSource } from "./helper-receiving.ts";
import { readingSource } from "./helper-reading.ts";
import { settingsSource } from "./helper-settings.ts";

/**
 * The helper's program, in Perl without any module, to stand between single quotes of the shell: no single quote may be in it. It reads requests, each a line with
 * the number of words and of their bytes, and then the words with tabs between them. It answers each with `done`, or `no` where it did nothing or could not do all: then
 * the tool itself is called, whose words tell why. So a request is what a tool is called with, options before `--` and all; what is not exactly one of these forms is the
 * tool's. `run` runs a command and answers `ran CODE SIZE LATE`, `judged` a guard. An empty line ends it; so does the end of the script, for which it looks, since a daemon may keep the
 * pipe open.
 */
const common = `${readingSource}${posix`
  my ($heard, $parent, $patience, @drains) = ("", getppid, $ARGV[1]);

  sub ready {
    my ($wait, @handles) = @_;
    my $bits = "";
    vec($bits, fileno $_, 1) = 1 for @handles;
    return select($bits, undef, undef, $wait) > 0 ? $bits : "";
  }

  # What daemons go on to print is taken from them, and dropped.
  sub drain {
    my ($bits) = @_;
    @drains = grep { ! vec($bits, fileno $_, 1) || sysread($_, my $dropped, 65536) } @drains;
  }

  sub leave {
    close STDIN;
    close STDOUT;
    unseat() if defined &unseat;
    drain(ready(undef, @drains)) while @drains;
    exit;
  }

  # One that serves several scripts does not wait for ever for the next.
  sub hear {
    my $idle = 0;
    for (;;) {
      my $bits = ready(2, \*STDIN, @drains);
      drain($bits);
      if (vec($bits, 0, 1)) {
        sysread(STDIN, $heard, 65536, length $heard) or leave();
        return;
      }
      leave() if getppid != $parent || $patience && $bits eq "" && ($idle += 2) > $patience;
    }
  }

  # A word that holds a tab makes more words than were counted: nothing is done then.
  sub request {
    my $end;
    hear() while ($end = index($heard, "\n")) < 0;
    my ($count, $size) = split " ", substr($heard, 0, $end + 1, "");
    leave() unless $count;
    hear() while length $heard < $size;
    my @words = split /\t/, substr($heard, 0, $size, ""), -1;
    return @words == $count ? @words : ();
  }

  sub say_all {
    my ($text) = @_;
    while (length $text) {
      my $told = syswrite(STDOUT, $text) or return;
      substr($text, 0, $told, "");
    }
  }

  # -1 leaves it as it is; a name goes before a number, as chown(1) has it.
  sub own {
    my ($user, $group, $handle) = @_;
    my $uid = $user eq "" ? -1 : getpwnam($user) // ($user =~ /^[0-9]+$/ ? $user : undef);
    my $gid = $group eq "" ? -1 : getgrnam($group) // ($group =~ /^[0-9]+$/ ? $group : undef);
    return defined $uid && defined $gid && chown $uid, $gid, $handle;
  }

  sub own_as {
    my ($owner, $handle) = @_;
    return $owner =~ /^([^:]*)(?::([^:]+))?$/ && own($1, $2 // "", $handle);
  }

  # A folder, and with "parents" those above it, with the mode that they have where nobody says another one.
  sub make {
    my ($mode, $path, $parents) = @_;
    my $mask = umask 0;
    if ($parents) {
      for (my $end = 0; ($end = index($path, "/", $end + 1)) > 0;) { mkdir substr($path, 0, $end), 0755 }
    }
    my $made = mkdir $path, oct $mode;
    umask $mask;
    return $made;
  }

  # What getent(1) prints; no password, though Perl knows it.
  sub account {
    my ($table, $name) = @_;
    my $numeric = $name =~ /^[0-9]+$/;
    if ($table eq "passwd") {
      my @entry = $numeric ? getpwuid $name : getpwnam $name or return;
      return join(":", $entry[0], "x", @entry[2, 3], $entry[6], @entry[7, 8]) . "\n";
    }
    my @entry = $numeric ? getgrgid $name : getgrnam $name or return;
    return join(":", $entry[0], "x", $entry[2], join(",", split " ", $entry[3])) . "\n";
  }

  sub pour {
    my ($path, $from, $offset, $size) = @_;
    my $text = contents($from, $offset, $size);
    return defined $text && length $text == $size && keep($path, $text);
  }

  # A new file gets its owner and mode, and takes the place of the other one.
  sub place {
    my ($new, $owner, $mode, $path) = @_;
    return if -d $path;
    my $handle = held($new) or return;
    return ($owner eq "" || own_as($owner, $handle)) && ($mode eq "" || chmod oct $mode, $handle) && rename $new, $path;
  }

  # The same with a content that stands in the script.
  sub write_and_place {
    my ($script, $offset, $size, $new, @rest) = @_;
    my $text = contents($script, $offset, $size);
    return unless defined $text && length $text == $size && made($new, $text);
    return 1 if place($new, @rest);
    unlink $new;
    return;
  }

  sub remove {
    my $missing = 2;
    for my $path (@_) { unlink $path or $! == $missing or return }
    return 1;
  }

  sub now {
    open my $file, "<", "/proc/uptime" or return time;
    return (split " ", <$file>)[0];
  }

  sub become {
    my ($from, $to, @words) = @_;
    setpgrp 0, 0;
    $SIG{$_} = "DEFAULT" for qw(HUP INT QUIT PIPE);
    umask 022;
    open STDIN, $from ? "<&" : "<", $from || "/dev/null";
    open STDOUT, $to ? ">&" : ">", $to || "/dev/null";
    open STDERR, ">&", \*STDOUT;
    { exec { $words[0] } @words };
    my ($missing, $why, $text) = (2, $! + 0, "$words[0]: $!\n");
    syswrite STDERR, $text;
    exit($why == $missing ? 127 : 126);
  }

  # As timeout(1) has it: TERM to all of it when the limit is over, KILL ten seconds later.
  sub overdue {
    my ($child, $late) = @_;
    return sub {
      kill $$late ? "-KILL" : "-TERM", $child;
      kill "-CONT", $child;
      alarm 10 unless $$late++;
    };
  }

  sub code_of {
    my ($ended, $late) = @_;
    my $signal = $ended & 127;
    return $late ? $late > 1 ? 137 : 124 : $signal ? 128 + $signal : $ended >> 8;
  }

  # The first 448 KiB of what it prints go to a file, the last 64 KiB of what follows to another one; a tick says that there is more to show. Without a file it prints to
  # nobody.
  sub run {
    my ($limit, $path, @words) = @_;
    my ($out, $from, $to);
    return if $path ne "" && ! (open($out, ">", $path) && pipe $from, $to);
    my $child = fork;
    return unless defined $child;
    become(undef, $to, @words) unless $child;
    close $to if $to;
    my ($late, $kept, $most, $told, $tail, $pace, $ticked, $ended, $gone) = (0, 0, 458752, 0, "", 0.5, now());
    local $SIG{CHLD} = sub { };
    local $SIG{ALRM} = overdue($child, \$late);
    alarm $limit;
    while ($from) {
      if (ready($pace, $from)) {
        my $got = sysread $from, my $piece, 65536;
        if (defined $got && $got == 0) { undef $from; last }
        my $head = substr $piece, 0, $most - $kept, "";
        while (length $head) {
          my $wrote = syswrite $out, $head;
          if (! $wrote) { $most = $kept; last }
          $kept += $wrote;
          substr $head, 0, $wrote, "";
        }
        $tail .= $head . $piece;
        $tail = substr $tail, -65536 if length $tail > 65536;
      }
      my $now = now();
      if ($kept > $told && $now - $ticked >= $pace) {
        say_all("tick\n");
        ($told, $pace, $ticked) = ($kept, 1, $now);
      }
      ($ended, $gone) = ($?, $now) if ! defined $ended && waitpid($child, 1) == $child;
      last if defined $ended && $now - $gone >= 2;
    }
    if (! defined $ended) {
      waitpid $child, 0;
      $ended = $?;
    }
    alarm 0;
    push @drains, $from if $from;
    if ($tail ne "" && open my $rest, ">", "$path.tail") { syswrite $rest, $tail }
    my $code = code_of($ended, $late);
    return "ran $code $kept $late\n";
  }

  # A folder of nobody else's, in which only files lie. A script asks for it when it has ended: nobody is to be asked for it any more.
  sub clear {
    my ($folder) = @_;
    unseat() if defined &unseat;
    opendir my $handle, $folder or return;
    my @names = grep { ! /^\.\.?$/ } readdir $handle;
    return remove(map { "$folder/$_" } @names) && rmdir $folder;
  }

  # Each is given the file for what it tells. Those that a script does not ask do not come with it.
  my %tellers = (
    known => \&known,
    alike => \&alike,
    texts => \&texts,
    matching => \&matching,
    stanzas => \&stanzas,
    last => \&last_line,
    relined => \&relined,
    judged => \&judged,
  );

  sub carry_out {
    my (@options, $handle);
    push @options, shift while @_ && $_[0] ne "--";
    shift;
    my $call = "@options";
    return @_ == 2 && ! -d $_[1] && rename $_[0], $_[1] if $call eq "mv -f";
    return remove(@_) if $call eq "rm -f";
    return clear(@_) if $call eq "clear";
    return @_ == 2 && symlink $_[0], $_[1] if $call =~ /^ln -s( -n)?$/;
    if ($call eq "chmod") {
      my ($mode, $path) = @_;
      return unless @_ == 2 && ($handle = held($path));
      return -d _ && chmod((stat _)[2] & 07777 | 0755, $handle) if $mode eq "u+rwx,go+rx";
      return $mode =~ /^[0-7]{3,4}$/ && -f _ && chmod oct $mode, $handle;
    }
    if ($call eq "chown -h") {
      my ($owner, $path) = @_;
      return @_ == 2 && ($handle = held($path)) && own_as($owner, $handle);
    }
    return @_ == 1 && make($2, $_[0], $1) if $call =~ /^mkdir (-p )?-m ([0-7]{3})$/;
    if ($call =~ /^install -d -m ([0-7]{3})(?: -o (\S+))?(?: -g (\S+))?$/) {
      my ($mode, $user, $group) = ($1, $2 // "", $3 // "");
      return @_ == 1 && make("700", $_[0]) && ($handle = held($_[0])) && own($user, $group, $handle) && chmod oct $mode, $handle;
    }
    if ($call =~ /^getent (passwd|group)$/) {
      my $table = $1;
      my @lines = map { account($table, $_) } @_;
      return join "", "done\n", scalar @lines, "\n", @lines;
    }
    return @_ == 4 && greet(@_) if $call eq "hello";
    return @_ == 2 && take(@_) if $call eq "take";
    return pour(@_) if $call eq "pour";
    return @_ == 4 && place(@_) if $call eq "place";
    return @_ == 5 && edited(@_) if $call eq "edited";
    return @_ == 7 && write_and_place(@_) if $call eq "write";
    return $tellers{$1}->($2, @_) if $call =~ /^([a-z]+) (\/.*)$/s && $tellers{$1};
    return run($1, $2, @_) if $call =~ /^run ([0-9]+) (.*)$/s;
    return;
  }

  hear() while index($heard, "\n") < 0;
  say_all(substr $heard, 0, index($heard, "\n") + 1, "");
  for (;;) {
    my $answer = carry_out(request());
    say_all(! $answer ? "no\n" : $answer eq "1" ? "done\n" : $answer);
  }
`}`;

/** Requests that few scripts make, with what answers them. */
const parts: Readonly<Record<string, string>> = {
  judged: guardsSource,
  matching: linesSource,
  last: linesSource,
  relined: linesSource,
  stanzas: packagesSource,
  edited: settingsSource,
};

/** The program for a script that makes these requests beside the common ones, as it is sent: without comments, on one line. */
export function helperProgram(requests: Iterable<string>): string {
  return programOf([...requests].flatMap((request) => parts[request] ?? []));
}

function programOf(sources: readonly string[]): string {
  return [...new Set(sources), common]
    .join("")
    .replaceAll(/^ *# .*\n/gmu, "")
    .replaceAll(/\s*\n\s*/gu, " ")
    .trim();
}

/** The program for whoever serves scripts that are not known yet: all of it. */
export function wholeProgram(): string {
  return programOf([...Object.values(parts), receivingSource]);
}

/** The requests that a script makes, as far as their names stand in it. */
export function requestsOf(script: string): ReadonlySet<string> {
  return new Set([...script.matchAll(/\bhg_(?:ask|learn|request) ([a-z]+)/gu)].flatMap(([, request]) => request ?? []));
}

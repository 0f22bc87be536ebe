import { posix } from "../quote.ts";

/**
 * The part of the helper's program that judges guards of commands (helper-program.ts): Perl, without a single quote. They are shell text, and starting a shell takes longer
 * than most of them: one shell is started for all guards of a script, and has a process of its own for each.
 */
export const guardsSource = posix`
  my ($judge, $asked, $verdict);

  # It reads a line for each text, which is in its file, and says with what it ended. Guards see nothing of that, nor of each other. The shell outlives a TERM, so that
  # a guard which does not mind one is waited for.
  sub seat {
    my ($file) = @_;
    my ($ear, $mouth);
    return unless pipe($ear, $asked) && pipe($verdict, $mouth);
    $SIG{PIPE} = "IGNORE";
    $judge = fork;
    return if ! defined $judge;
    become($ear, $mouth, "sh", "-c",
      "trap : TERM; exec 3>&1 >/dev/null 2>&1; while read -r hg; do ( exec 3>&- </dev/null; hg=\$1; set --; . \"\$hg\" ); echo \$? >&3; done",
      "sh", $file) unless $judge;
    return 1;
  }

  sub unseat {
    return unless $judge;
    undef $asked;
    undef $verdict;
    waitpid $judge, 0;
    undef $judge;
    return;
  }

  # Answers as a command without output does, under the same kind of limit; a KILL ends the shell, too. Whose shell was ended by something else has no answer from it.
  sub judged {
    my ($file, $limit, $text) = @_;
    return unless keep($file, $text) && ($judge || seat($file));
    my ($late, $told, $got) = (0, "", 1);
    local $SIG{ALRM} = overdue($judge, \$late);
    alarm $limit;
    syswrite $asked, "\n";
    while ($told !~ /\n/ && (! defined $got || $got)) { $got = sysread $verdict, $told, 16, length $told }
    alarm 0;
    my $answered = $told =~ /\n/;
    unseat() unless $answered;
    return unless $answered || $late;
    my $code = $late ? code_of(0, $late) : $told + 0;
    return "ran $code 0 $late\n";
  }
`;

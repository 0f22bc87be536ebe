/** The command line: the composition root. */
const version = "0.1.0";

if (process.argv.includes("--version")) {
  process.stdout.write(`${version}\n`);
} else {
  process.stderr.write("halligan: this command does not exist yet\n");
  process.exitCode = 2;
}

package dev.swiftdeploy.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A command line that was run in this process.
 *
 * @param out what it printed as data
 * @param err what it said
 */
record Ran(int exit, String out, String err) {

  static Ran of(String... words) {
    return on(false, words);
  }

  /** On a terminal that shows colours. */
  static Ran colourful(String... words) {
    return on(true, words);
  }

  /** With {@code -f} the manifest of a folder. */
  static Ran in(Path folder, String... words) {
    return of(
        Stream.concat(Stream.of(words), Stream.of("-f", folder.resolve("manifest.yaml").toString()))
            .toArray(String[]::new));
  }

  private static Ran on(boolean colour, String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit = Main.run(new Terminal(new PrintWriter(out), new PrintWriter(err), colour), words);
    return new Ran(exit, out.toString(), err.toString());
  }

  @Override
  public String toString() {
    return "exit " + exit + "\n--- stdout\n" + out + "--- stderr\n" + err;
  }
}

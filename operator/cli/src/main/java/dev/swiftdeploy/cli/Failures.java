package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.platform.PlatformException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says why a command can't be done and what to do next, and with which code it exits. */
final class Failures {
  private Failures() {}

  /** For a command line that can't be understood. */
  static int misused(ParameterException e, Terminal terminal) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    if (e instanceof UnmatchedArgumentException unmatched) {
      terminal.talk("swiftdeploy: " + unmatched(unmatched, command));
      List<String> near = unmatched.getSuggestions();
      if (!near.isEmpty()) {
        terminal.talk("Did you mean: " + near.get(0) + "?");
      }
    } else {
      terminal.talk("swiftdeploy: " + e.getMessage());
    }
    terminal.talk("See: " + command + " --help");
    return Exit.USAGE;
  }

  private static String unmatched(UnmatchedArgumentException e, String command) {
    String first = String.valueOf(e.getUnmatched().get(0));
    if (e.isUnknownOption()) {
      return command + " has no option " + first;
    }
    return e.getCommandLine().getSubcommands().isEmpty()
        ? command + " takes no \"" + first + "\""
        : command + " has no command " + first;
  }

  /** For a command that was understood, and failed. */
  static int failed(Exception e, Terminal terminal) {
    if (e instanceof CommandFailure failure) {
      return said(terminal, failure.exitCode(), failure.getMessage(), failure.next());
    }
    if (e instanceof PlatformException platform) {
      return said(terminal, Exit.FAILED, e.getMessage(), platform.fix());
    }
    if (e instanceof AuditException) {
      return said(terminal, Exit.FAILED, e.getMessage(), "");
    }
    if ((e instanceof UncheckedIOException ? e.getCause() : e) instanceof IOException io) {
      return said(terminal, Exit.FAILED, text(io), "check that path, its owner and the disk");
    }
    said(terminal, Exit.FAILED, "an error in SwiftDeploy itself:", "");
    e.printStackTrace(terminal.err());
    return Exit.FAILED;
  }

  private static int said(Terminal terminal, int code, @Nullable String what, String next) {
    terminal.talk("swiftdeploy: " + what);
    if (!next.isEmpty()) {
      terminal.talk("  " + next);
    }
    return code;
  }

  /** What a file's trouble is, in words: the JDK's message is often only its path. */
  static String text(IOException e) {
    if (!(e instanceof FileSystemException trouble)) {
      return String.valueOf(e.getMessage());
    }
    return trouble.getFile() + ": " + reason(trouble);
  }

  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "it is there already";
    }
    if (e instanceof NotDirectoryException) {
      return "it is no folder";
    }
    return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
  }
}

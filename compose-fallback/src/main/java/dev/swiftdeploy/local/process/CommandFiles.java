package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Artifact;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files that a command names. A word of it names a file if it is the path of one, or if it is
 * an option's value after {@code =}, or a list with {@code :} as class paths are, with such paths
 * in it. The program, the first word, names one only with a slash in it; else it is looked up on
 * the PATH.
 */
final class CommandFiles {
  private static final Set<String> ENDINGS =
      Set.of(
          "jar",
          "war",
          "zip",
          "class",
          "js",
          "mjs",
          "cjs",
          "ts",
          "py",
          "pyz",
          "rb",
          "php",
          "pl",
          "sh",
          "lua",
          "exe",
          "bin",
          "wasm",
          "dll",
          "yml",
          "yaml",
          "json",
          "toml",
          "xml",
          "conf",
          "cfg",
          "ini",
          "properties");

  private final Path folder;

  /**
   * @param folder the manifest's, absolute
   */
  CommandFiles(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** What a part of a command names. */
  enum Kind {
    /** No file, or one that is not below the manifest's folder and named as such. */
    NONE,
    /** A regular file below the manifest's folder. */
    BELOW,
    /** A relative path that leads out of the manifest's folder, by dots or a link. */
    OUTSIDE,
    /** Looks like a relative path, and nothing is there. */
    MISSING
  }

  /**
   * A part of a command that names something.
   *
   * @param text as it stands in the command
   * @param path relative to the manifest's folder, with {@code /}
   */
  record Named(String text, Kind kind, String path) {}

  /** All that a command names, in its order. */
  List<Named> named(List<String> command) {
    List<Named> all = new ArrayList<>();
    for (int i = 0; i < command.size(); i++) {
      parts(command.get(i), i == 0)
          .map(this::name)
          .filter(n -> n.kind() != Kind.NONE)
          .forEach(all::add);
    }
    return all;
  }

  /** The command with the places of the copies where it names artifacts. */
  List<String> replaced(
      List<String> command, List<Artifact> artifacts, Function<Artifact, Path> copy) {
    UnaryOperator<String> replace =
        part ->
            artifacts.stream()
                .filter(a -> lexical(part).filter(a.path()::equals).isPresent())
                .findFirst()
                .map(a -> copy.apply(a).toString())
                .orElse(part);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < command.size(); i++) {
      words.add(replacedWord(command.get(i), i == 0, replace));
    }
    return words;
  }

  private String replacedWord(String word, boolean program, UnaryOperator<String> replace) {
    if (program) {
      return isPath(word) ? replace.apply(word) : word;
    }
    String whole = replace.apply(word);
    if (!whole.equals(word)) {
      return whole;
    }
    String option = option(word);
    return option
        + Stream.of(word.substring(option.length()).split(File.pathSeparator, -1))
            .map(part -> isPart(part) ? replace.apply(part) : part)
            .collect(Collectors.joining(File.pathSeparator));
  }

  private Stream<String> parts(String word, boolean program) {
    if (program) {
      return isPath(word) ? Stream.of(word) : Stream.empty();
    }
    if (name(word).kind() != Kind.NONE) {
      return Stream.of(word);
    }
    return Stream.of(word.substring(option(word).length()).split(File.pathSeparator, -1))
        .filter(CommandFiles::isPart)
        .filter(part -> name(part).kind() != Kind.MISSING); // a list may have gaps
  }

  /** {@code --config=} of {@code --config=a.yml}; empty where there is none. */
  private static String option(String word) {
    int equals = word.indexOf('=');
    return word.startsWith("-") && equals > 0 ? word.substring(0, equals + 1) : "";
  }

  private static boolean isPath(String word) {
    return word.indexOf('/') >= 0;
  }

  private static boolean isPart(String part) {
    return isPath(part) || ENDINGS.contains(ending(part));
  }

  private Named name(String part) {
    Optional<String> path = lexical(part);
    Path file = path(part).map(folder::resolve).orElse(folder);
    if (Files.isRegularFile(file)) {
      return new Named(part, kindOfFile(part, file, path), path.orElse(part));
    }
    boolean missing = looksLikeRelativePath(part) && !Files.exists(file);
    return new Named(part, missing ? Kind.MISSING : Kind.NONE, path.orElse(part));
  }

  private Kind kindOfFile(String part, Path file, Optional<String> path) {
    boolean below = isBelow(file);
    if (below && path.isPresent()) {
      return Kind.BELOW;
    }
    // an absolute path that leads elsewhere is a file of the machine's, as /etc/hosts is
    return below || path.isPresent() || !part.startsWith("/") ? Kind.OUTSIDE : Kind.NONE;
  }

  /** Whether a file really is below the folder, and where its name says, whatever links lead. */
  private boolean isBelow(Path file) {
    try {
      return file.toRealPath().startsWith(folder.toRealPath())
          && Files.isSameFile(file, file.normalize());
    } catch (IOException e) {
      return false;
    }
  }

  /** The path below the folder that a part's text stands for, whether or not it is there. */
  private Optional<String> lexical(String part) {
    return path(part)
        .map(p -> folder.resolve(p).normalize())
        .filter(p -> p.startsWith(folder) && !p.equals(folder))
        .map(p -> folder.relativize(p).toString().replace(File.separatorChar, '/'));
  }

  private static Optional<Path> path(String part) {
    try {
      return part.isEmpty() ? Optional.empty() : Optional.of(Path.of(part));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static boolean looksLikeRelativePath(String part) {
    boolean other =
        part.startsWith("/")
            || part.startsWith("-")
            || part.contains(File.pathSeparator)
            || part.chars().anyMatch(Character::isWhitespace); // a script for a shell
    if (other) {
      return false;
    }
    return part.startsWith("./") || part.startsWith("../") || ENDINGS.contains(ending(part));
  }

  private static String ending(String part) {
    int dot = part.lastIndexOf('.');
    return dot <= 0 ? "" : part.substring(dot + 1).toLowerCase(Locale.ROOT);
  }
}

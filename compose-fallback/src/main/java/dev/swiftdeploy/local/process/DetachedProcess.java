package dev.swiftdeploy.local.process;

import dev.swiftdeploy.local.files.DurableFile;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A process that outlives whoever started it: in a session and process group of its own (no Ctrl-C
 * of this terminal reaches it), with nothing open but its log, known by its pid file alone.
 *
 * <p>A small shell stands beside it, leads the group and waits, so that the exit code isn't lost
 * when nobody else is there to see it; when the program has ended, that shell asks what the program
 * left behind in the group to end too, as a container would. The program's own shell writes the pid
 * file before it becomes the program, so no program ever runs that no pid file tells of, whenever
 * the starter is killed.
 *
 * <p>The pid file is one line, {@code pid start group boot}: start is field 22 of {@code
 * /proc/<pid>/stat} (clock ticks since boot) and boot the kernel's boot id, so that a pid that was
 * given to another process, before or after a reboot, is never taken for this one. Where there is
 * no {@code /proc}, start and boot are {@code -} and the process must have begun when the file was
 * written. Group is {@code -} where the process could not be given one. Beside it, {@code <pid
 * file>.exit} holds {@code group code} after the end.
 */
public final class DetachedProcess {
  /** What a process can be sent. */
  public enum Signal {
    /** To nginx: takes its new configuration. */
    HUP,
    /** To nginx: ends when its requests in flight have. */
    QUIT,
    /** Asks it to end in order. */
    TERM,
    /** Ends it. */
    KILL
  }

  private static final Path SHELL = Path.of("/bin/sh");
  private static final Path PROC = Path.of("/proc");
  private static final Path BOOT_ID = PROC.resolve("sys/kernel/random/boot_id");
  private static final String USUAL_PATH = "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin";
  private static final String NONE = "-";
  private static final String STARTED = "started";
  private static final Duration START_TOLERANCE = Duration.ofSeconds(5);

  /**
   * The shell that stands beside the program: {@code $1} is {@link #BECOME}, {@code $3} the pid
   * file. Signals to the group are caught, not ignored, as what is ignored stays so in the program.
   * The program runs in the foreground, as an asynchronous list would ignore INT and QUIT. fd 3 is
   * the pipe to the starter, which may be gone: nothing of this shell's own ("Terminated") may go
   * there.
   */
  static final String SUPERVISE =
      """
      trap : HUP INT QUIT TERM
      exec 3>&1 >/dev/null 2>&1
      /bin/sh -c "$@"
      _sd_code=$?; PATH=/usr/bin:/bin; export PATH
      read -r _sd_pid _sd_start _sd_group _sd_boot <"$3"
      if [ "$_sd_group" = $$ ]; then kill -s TERM 0; fi
      echo "$$ $_sd_code" >"$3.exit.$$" && mv -f "$3.exit.$$" "$3.exit"
      """;

  /**
   * Becomes the program: {@code $1} is the pid file, {@code $2} the log, the rest the program and
   * its arguments. Only PATH is changed, and set back, since the environment is the program's.
   */
  private static final String BECOME =
      """
      exec 2>&3
      exec >>"$2" 2>&1
      trap : PIPE
      _sd_path=${PATH-/usr/bin:/bin}; PATH=/usr/bin:/bin
      ( if read -r s </proc/$$/stat; then
          s=${s##*\\) }; set -- $s
          read -r b </proc/sys/kernel/random/boot_id
          g=$3; s=${20}
        else
          b=; s=; g=$(ps -o pgid= -p $$ | tr -d ' ')
        fi
        [ "$g" = $PPID ] || g=
        echo "$$ ${s:--} ${g:--} ${b:--}"
      ) 2>/dev/null >"$1.$$" && mv -f "$1.$$" "$1" || exit 125
      { echo started >&3; } 2>/dev/null
      exec 3>&-
      PATH=$_sd_path; shift 2
      exec "$@"
      """;

  /** Where there is no setsid: job control gives the group. */
  private static final String IN_A_GROUP = "set -m; /bin/sh -c \"$@\" &";

  /**
   * Signals a group if its program is still the one that was recorded; looking and sending in one
   * breath leaves a reused pid no time.
   */
  private static final String SIGNAL =
      """
      if [ "$2" != - ]; then
        read -r s </proc/"$1"/stat || exit 0
        s=${s##*\\) }
        [ "$(set -- $s; echo "${20}")" = "$2" ] || exit 0
      fi
      kill -s "$3" -- "$4"
      """;

  private final Line line;

  private DetachedProcess(Line line) {
    this.line = line;
  }

  /**
   * Starts a program.
   *
   * @param argv the program and its arguments; given as they are, no shell reads them. A program
   *     that can't be executed is a process that exits with 126 or 127 and says so in its log
   * @param environment the whole environment; nothing is inherited
   * @param directory where it runs
   * @param log takes its output, appended; made if need be
   * @param pidFile made anew; no live process may be recorded there
   * @throws IOException if nothing could be started
   */
  public static DetachedProcess start(
      List<String> argv, Map<String, String> environment, Path directory, Path log, Path pidFile)
      throws IOException {
    if (find(pidFile).isPresent()) {
      throw new IllegalStateException(pidFile + " tells of a process that runs");
    }
    makeFolder(log);
    makeFolder(pidFile);
    Files.deleteIfExists(exitFile(pidFile));
    Files.deleteIfExists(pidFile);
    List<String> command = new ArrayList<>();
    Optional<Path> setsid = onPath("setsid", USUAL_PATH);
    if (setsid.isPresent()) {
      command.addAll(List.of(setsid.get().toString(), SHELL.toString(), "-c", SUPERVISE));
    } else {
      command.addAll(List.of(SHELL.toString(), "-c", IN_A_GROUP, "swiftdeploy", SUPERVISE));
    }
    command.addAll(List.of("swiftdeploy", BECOME, "swiftdeploy"));
    command.add(pidFile.toAbsolutePath().toString());
    command.add(log.toAbsolutePath().toString());
    command.addAll(argv);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.directory(directory.toFile());
    builder.redirectInput(new File("/dev/null"));
    builder.redirectErrorStream(true);
    Process launched = builder.start();
    try (BufferedReader said = launched.inputReader(StandardCharsets.UTF_8)) {
      String first = said.readLine();
      if (!STARTED.equals(first)) {
        throw new IOException(
            "could not start " + argv.get(0) + ": " + (first == null ? "see " + log : first));
      }
    }
    return new DetachedProcess(
        Line.read(pidFile)
            .orElseThrow(() -> new IOException(pidFile + " vanished during the start")));
  }

  /** The process that a pid file tells of, if it still runs. A zombie does not run. */
  public static Optional<DetachedProcess> find(Path pidFile) {
    return Line.read(pidFile).map(DetachedProcess::new).filter(DetachedProcess::running);
  }

  /**
   * How the last process of this pid file ended: its exit code, or 128 and the signal's number.
   * Empty while it runs, and where it can't be told (the whole group was killed, the machine went
   * down).
   */
  public static OptionalInt exitCode(Path pidFile) {
    return exit(pidFile).map(exit -> OptionalInt.of(exit.code())).orElseGet(OptionalInt::empty);
  }

  /** How and when a process ended. */
  record Exit(int code, Instant when) {}

  static Optional<Exit> exit(Path pidFile) {
    Optional<Line> last = Line.read(pidFile);
    Path file = exitFile(pidFile);
    String[] words = words(file);
    if (last.isEmpty() || words.length != 2 || !words[0].equals(last.get().group())) {
      return Optional.empty();
    }
    try {
      Instant when = Files.getLastModifiedTime(file).toInstant();
      return Optional.of(new Exit(Integer.parseInt(words[1]), when));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The group of the last process that a pid file tells of, whether or not it runs. */
  static Optional<String> recordedGroup(Path pidFile) {
    return Line.read(pidFile).map(Line::group);
  }

  /** One that runs and of which no pid file tells, as a look at all processes found it. */
  static DetachedProcess seen(long pid, String start, String group) {
    return new DetachedProcess(
        new Line(pid, start, group, Line.currentBoot(), System.currentTimeMillis()));
  }

  /** Writes its pid file, so that it is found by that from now on. */
  void record(Path pidFile) throws IOException {
    DurableFile.write(
        pidFile,
        String.join(" ", Long.toString(line.pid()), line.start(), line.group(), line.boot())
            + "\n");
  }

  public long pid() {
    return line.pid();
  }

  /** Tells it from every other process that had or will have its pid. */
  String identity() {
    return line.pid() + "-" + line.start() + "-" + line.boot();
  }

  /** The process group that was made for it; {@code -} if none could be. */
  String group() {
    return line.group();
  }

  /** Whether it still runs. */
  public boolean running() {
    return line.running();
  }

  /** Sends a signal to the whole process group; nothing happens if the process is gone. */
  public void signal(Signal signal) throws IOException {
    if (!running()) {
      return;
    }
    // never the starter's group, where one of its own could not be had
    String target = line.hasGroup() ? "-" + line.group() : Long.toString(line.pid());
    Process shell =
        new ProcessBuilder(
                SHELL.toString(),
                "-c",
                SIGNAL,
                "swiftdeploy",
                Long.toString(line.pid()),
                line.start(),
                signal.name(),
                target)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      int ignored = shell.waitFor(); // it is gone, or it was sent: either is what was asked
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "pid " + line.pid();
  }

  /** Finds a program on a PATH. */
  static Optional<Path> onPath(String program, String path) {
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  private static Path exitFile(Path pidFile) {
    return pidFile.resolveSibling(pidFile.getFileName() + ".exit");
  }

  private static void makeFolder(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      DurableFile.makeFolder(folder);
    }
  }

  private static String[] words(Path file) {
    try {
      return Files.readString(file).trim().split(" ", -1);
    } catch (IOException e) {
      return new String[0];
    }
  }

  /** One pid file's line, and when it was written (ms since the epoch). */
  private record Line(long pid, String start, String group, String boot, long written) {

    static Optional<Line> read(Path pidFile) {
      String[] words = words(pidFile);
      if (words.length != 4) {
        return Optional.empty();
      }
      try {
        long written = Files.getLastModifiedTime(pidFile).toMillis();
        return Optional.of(
            new Line(Long.parseLong(words[0]), words[1], words[2], words[3], written));
      } catch (IOException | NumberFormatException e) {
        return Optional.empty();
      }
    }

    boolean hasGroup() {
      return !group.equals(NONE);
    }

    boolean running() {
      return start.equals(NONE) ? beganWhenWritten() : isInProc();
    }

    private boolean isInProc() {
      return boot.equals(currentBoot())
          && ProcStat.of(pid).filter(s -> !s.dead() && s.start().equals(start)).isPresent();
    }

    private boolean beganWhenWritten() {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .flatMap(p -> p.info().startInstant())
          .filter(began -> Math.abs(began.toEpochMilli() - written) <= START_TOLERANCE.toMillis())
          .isPresent();
    }

    private static String currentBoot() {
      String[] words = words(BOOT_ID);
      return words.length == 1 ? words[0] : NONE;
    }
  }

  /**
   * The part of {@code /proc/<pid>/stat} that matters here (proc(5)).
   *
   * @param state field 3
   * @param parent field 4
   * @param group field 5
   * @param start field 22, clock ticks since boot
   */
  record ProcStat(String state, long parent, String group, String start) {
    static Optional<ProcStat> of(long pid) {
      try {
        String stat =
            new String(
                Files.readAllBytes(PROC.resolve(Long.toString(pid)).resolve("stat")),
                StandardCharsets.ISO_8859_1);
        // field 2 is the program's name in parentheses, which may itself hold anything
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Optional.of(
            new ProcStat(fields[0], Long.parseLong(fields[1]), fields[2], fields[19]));
      } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
        return Optional.empty(); // it ended while being looked at
      }
    }

    boolean dead() {
      return state.equals("Z") || state.equals("X");
    }
  }
}

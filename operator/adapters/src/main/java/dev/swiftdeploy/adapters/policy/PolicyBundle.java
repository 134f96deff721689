package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.release.Digests;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A policies directory, read and checked: {@code bundle/policy.wasm}, {@code bundle/bundle.json}
 * (what it was compiled from), {@code data.json} and the Rego.
 *
 * <p>Thresholds, in {@code data.json}, may be edited at will. Rego may not differ from what the
 * bundle was compiled from: what people read is what decides.
 */
public final class PolicyBundle {
  /** The one that decides, as OPA names it in a bundle. */
  public static final String ENTRYPOINT = "swiftdeploy/admission/decision";

  private static final String[] COMPILED = {PolicyFiles.WASM, PolicyFiles.DESCRIPTION};
  private static final int LARGEST_WASM = 16 << 20;
  private static final int LARGEST_TEXT = 1 << 20;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SAFE_NAME =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*");

  private final String digest;
  private final String wasmSha256;
  private final byte[] wasm;
  private final byte[] data;
  private final SortedMap<String, byte[]> files;

  /** What reading a directory gave. */
  public sealed interface Read permits Good, Refused {}

  /** A whole and consistent policy. */
  public record Good(PolicyBundle bundle) implements Read {}

  /**
   * None, and why.
   *
   * @param buildable whether compiling the directory's Rego may help
   */
  public record Refused(PolicyProblem problem, boolean buildable) implements Read {}

  private PolicyBundle(byte[] data, SortedMap<String, byte[]> files) {
    this.files = Collections.unmodifiableSortedMap(files);
    this.wasm = file(PolicyFiles.WASM);
    this.data = data;
    this.wasmSha256 = Digests.sha256(wasm);
    this.digest = digest(wasmSha256, data);
  }

  /**
   * SHA-256 over a versioned form of what decides: the compiled policy and its data. How {@code
   * data.json} is formatted does not matter.
   */
  private static String digest(String wasmSha256, byte[] data) {
    return Digests.sha256(
        "swiftdeploy.dev/policy/v1\nwasm "
            + wasmSha256
            + "\ndata "
            + new String(data, StandardCharsets.UTF_8)
            + "\n");
  }

  /** Names this policy: 64 hex digits. */
  public String digest() {
    return digest;
  }

  /** Names the compiled policy without its data. */
  public String wasmSha256() {
    return wasmSha256;
  }

  /** How many Rego files decide. */
  public int sources() {
    return Math.toIntExact(files.keySet().stream().filter(PolicyFiles::isSource).count());
  }

  /** Whether a directory's compiled bundle is this one, byte for byte. */
  public boolean isIn(Path directory) throws IOException {
    for (String name : COMPILED) {
      Path file = directory.resolve(name);
      if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), file(name))) {
        return false;
      }
    }
    return true;
  }

  /** Puts the compiled bundle into a directory; who looks meanwhile finds the old one, or none. */
  public void writeTo(Path directory) throws IOException {
    for (String name : COMPILED) {
      Path file = directory.resolve(name);
      Files.createDirectories(directory.resolve("bundle"));
      Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
      Files.write(fresh, file(name));
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  byte[] wasm() {
    return wasm;
  }

  /** Canonical JSON in UTF-8. */
  byte[] data() {
    return data;
  }

  /** All files, by name relative to the directory, as they were read. */
  SortedMap<String, byte[]> files() {
    return files;
  }

  private byte[] file(String name) {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new IllegalArgumentException(name);
    }
    return bytes;
  }

  /** Reads and checks a directory. */
  public static Read read(Path directory) {
    try {
      return new Good(checked(Reader.of(directory)));
    } catch (Refusal e) {
      return new Refused(e.problem, e.buildable);
    } catch (NoSuchFileException e) {
      return new Refused(
          new PolicyProblem(
              "there is no policies directory " + directory,
              "bring it back, or name another in the manifest's spec.policy.directory"),
          false);
    } catch (IOException e) {
      return new Refused(unreadable(directory, e), false);
    }
  }

  /** The policy that these files are, by name; empty: they aren't one. */
  static Optional<PolicyBundle> of(SortedMap<String, byte[]> files) {
    try {
      return Optional.of(checked(Reader.of(files)));
    } catch (Refusal | IOException e) {
      return Optional.empty();
    }
  }

  static PolicyProblem unreadable(Path directory, IOException e) {
    return new PolicyProblem(
        "the policies directory " + directory + " can't be read: " + reason(e),
        "make it readable for whoever runs SwiftDeploy");
  }

  /**
   * The policy of a directory that has no bundle of its own, or an old one, where its Rego is what
   * another policy was compiled from; with the directory's data. Empty: it isn't.
   */
  static Optional<Read> compiledLike(PolicyBundle known, Path directory) {
    try {
      Reader reader = Reader.of(directory);
      reader.files.put(PolicyFiles.WASM, known.wasm);
      reader.files.put(PolicyFiles.DESCRIPTION, known.file(PolicyFiles.DESCRIPTION));
      checkSources(reader, StrictJson.read(known.file(PolicyFiles.DESCRIPTION)).path("sources"));
      try {
        return Optional.of(new Good(new PolicyBundle(data(reader), reader.files)));
      } catch (Refusal e) {
        return Optional.of(new Refused(e.problem, false));
      }
    } catch (IOException | Refusal e) {
      return Optional.empty();
    }
  }

  /** Why the {@code data.json} of a directory can't be taken; empty: it can. */
  static Optional<PolicyProblem> problemOfData(Path directory) throws IOException {
    try {
      data(Reader.of(directory));
      return Optional.empty();
    } catch (Refusal e) {
      return Optional.of(e.problem);
    }
  }

  private static PolicyBundle checked(Reader reader) throws IOException, Refusal {
    for (String needed : COMPILED) {
      if (!reader.names.contains(needed)) {
        throw reader.rebuild(needed, "is missing");
      }
    }
    byte[] wasm = reader.read(PolicyFiles.WASM, LARGEST_WASM);
    JsonNode description = reader.json(PolicyFiles.DESCRIPTION);
    if (!ENTRYPOINT.equals(description.path("entrypoint").textValue())) {
      throw reader.rebuild(PolicyFiles.DESCRIPTION, "does not name the entrypoint " + ENTRYPOINT);
    }
    if (!Digests.sha256(wasm).equals(description.path("wasm_sha256").textValue())) {
      throw reader.rebuild(PolicyFiles.WASM, "is not the one that bundle.json describes");
    }
    checkSources(reader, description.path("sources"));
    byte[] data = data(reader);
    return new PolicyBundle(data, reader.files);
  }

  private static void checkSources(Reader reader, JsonNode sources) throws IOException, Refusal {
    if (!sources.isObject() || sources.isEmpty()) {
      throw reader.rebuild(PolicyFiles.DESCRIPTION, "names no sources");
    }
    for (Map.Entry<String, JsonNode> source : sources.properties()) {
      String name = source.getKey();
      String sha256 = source.getValue().asText();
      if (!SAFE_NAME.matcher(name).matches()
          || !PolicyFiles.isSource(name)
          || !SHA256.matcher(sha256).matches()) {
        throw reader.rebuild(PolicyFiles.DESCRIPTION, "names a source that can't be one");
      }
      if (!reader.names.contains(name)) {
        throw reader.rebuild(name, "is missing, and the bundle was built with it");
      }
      if (!Digests.sha256(reader.read(name, LARGEST_TEXT)).equals(sha256)) {
        throw reader.rebuild(name, "was edited after the bundle was built");
      }
    }
    for (String name : reader.names) {
      if (PolicyFiles.isSource(name) && !sources.has(name)) {
        throw reader.rebuild(name, "was added after the bundle was built");
      }
    }
  }

  private static byte[] data(Reader reader) throws IOException, Refusal {
    if (!reader.names.contains(PolicyFiles.DATA)) {
      throw reader.refusal(
          PolicyFiles.DATA, "is missing", "bring it back: it holds the thresholds");
    }
    JsonNode data = reader.json(PolicyFiles.DATA);
    try {
      return StrictJson.canonical(data);
    } catch (JsonProcessingException e) {
      throw reader.notJson(PolicyFiles.DATA, StrictJson.why(e));
    }
  }

  static String reason(IOException e) {
    String message = e.getMessage();
    return e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }

  /** Opens a file by name. */
  private interface Opener {
    InputStream open(String name) throws IOException;
  }

  /** Reads each file once, and keeps it. */
  private static final class Reader {
    private final Path directory;
    private final String title;
    private final Set<String> names;
    private final Opener opener;
    private final SortedMap<String, byte[]> files = new TreeMap<>();

    private Reader(Path directory, Set<String> names, Opener opener) {
      Path name = directory.getFileName();
      this.directory = directory;
      this.title = name == null ? directory.toString() : name.toString();
      this.names = names;
      this.opener = opener;
    }

    static Reader of(Path directory) throws IOException {
      return new Reader(
          directory,
          PolicyFiles.in(directory).stamps().keySet(),
          name -> Files.newInputStream(directory.resolve(name)));
    }

    static Reader of(SortedMap<String, byte[]> files) {
      return new Reader(
          Path.of("archive"),
          files.keySet(),
          name -> {
            byte[] bytes = files.get(name);
            if (bytes == null) {
              throw new NoSuchFileException(name);
            }
            return new ByteArrayInputStream(bytes);
          });
    }

    byte[] read(String name, int largest) throws IOException, Refusal {
      byte[] bytes;
      try (InputStream in = opener.open(name)) {
        bytes = in.readNBytes(largest + 1);
      } catch (NoSuchFileException | InvalidPathException e) {
        throw rebuild(name, "is missing");
      }
      if (bytes.length > largest) {
        throw refusal(
            name,
            "is larger than " + (largest >> 20) + " MiB",
            "make it smaller: this much is never meant");
      }
      files.put(name, bytes);
      return bytes;
    }

    JsonNode json(String name) throws IOException, Refusal {
      JsonNode node;
      try {
        node = StrictJson.read(read(name, LARGEST_TEXT));
      } catch (JsonProcessingException e) {
        throw notJson(name, StrictJson.why(e));
      }
      if (!node.isObject()) {
        throw notJson(name, "it is not an object");
      }
      return node;
    }

    Refusal notJson(String name, String why) {
      return name.equals(PolicyFiles.DATA)
          ? refusal(name, "can't be taken: " + why, "correct it and save it again")
          : rebuild(name, "can't be taken: " + why);
    }

    Refusal rebuild(String name, String what) {
      return new Refusal(PolicyProblem.rebuild(title + "/" + name + " " + what, directory), true);
    }

    Refusal refusal(String name, String what, String nextStep) {
      return new Refusal(new PolicyProblem(title + "/" + name + " " + what, nextStep), false);
    }
  }

  /** Leaves the reading of one directory; never leaves this class. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient PolicyProblem problem;
    private final boolean buildable;

    Refusal(PolicyProblem problem, boolean buildable) {
      super(problem.message(), null, false, false);
      this.problem = problem;
      this.buildable = buildable;
    }
  }
}

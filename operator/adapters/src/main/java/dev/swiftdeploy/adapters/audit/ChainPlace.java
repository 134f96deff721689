package dev.swiftdeploy.adapters.audit;

import java.nio.file.Path;

/**
 * Where a chain lies on a machine: the segment that is written to ({@code history.jsonl}), and
 * beside it the earlier ones, packed ({@code history.segments/}).
 *
 * @param history the segment that is written to
 * @param key the private key that signs checkpoints; made at the first one
 * @param segmentBytes a segment that has grown by so many bytes is closed
 */
public record ChainPlace(Path history, Path key, long segmentBytes) {
  /** 4 MiB: some thousand decisions, read in a second. */
  public static final long SEGMENT_BYTES = 4L * 1024 * 1024;

  private static final String ENDING = ".jsonl";

  /** With segments of the usual size. */
  public ChainPlace(Path history, Path key) {
    this(history, key, SEGMENT_BYTES);
  }

  /** The folder of the earlier segments. */
  public Path segments() {
    String name = String.valueOf(history.getFileName());
    String base = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
    return history.resolveSibling(base + ".segments");
  }

  Path next() {
    return history.resolveSibling(history.getFileName() + ".next");
  }
}

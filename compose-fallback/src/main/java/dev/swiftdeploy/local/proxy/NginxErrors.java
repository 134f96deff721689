package dev.swiftdeploy.local.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What nginx says of a configuration that it does not take: lines of level {@code emerg}.
 *
 * @param log nginx's error log
 * @param from the byte where what matters begins
 */
public record NginxErrors(Path log, long from) {
  private static final int MOST = 64 * 1024;

  /** But that the file of a socket that is closed was already gone is no refusal. */
  private static final Pattern REFUSAL =
      Pattern.compile(
          "^.*\\[emerg\\](?: \\d+#\\d+:)?+ *+(?!unlink\\(\\))(?<why>.*)$", Pattern.MULTILINE);

  public static NginxErrors fromNowOn(Path log) throws IOException {
    return new NginxErrors(log, Files.exists(log) ? Files.size(log) : 0);
  }

  public Optional<String> refusal() {
    try (SeekableByteChannel channel = Files.newByteChannel(log)) {
      ByteBuffer part = ByteBuffer.allocate(MOST);
      channel.position(from).read(part);
      return refusal(StandardCharsets.UTF_8.decode(part.flip()).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** What the lines of level emerg say, without level and process. */
  public static Optional<String> refusal(String text) {
    String why =
        REFUSAL
            .matcher(text)
            .results()
            .map(m -> m.group(1))
            .distinct()
            .collect(Collectors.joining("; "));
    return why.isEmpty() ? Optional.empty() : Optional.of(why);
  }
}

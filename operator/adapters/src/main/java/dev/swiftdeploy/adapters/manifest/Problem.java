package dev.swiftdeploy.adapters.manifest;

/**
 * Something to say about one place of a manifest.
 *
 * @param file as the caller named it
 * @param line 1-based, of the key or value meant
 * @param column 1-based, in characters
 * @param path of the value, as the manifest writes it: {@code spec.nginx.port}; empty for the file
 *     or a document as a whole
 * @param message what is wrong or worth knowing; given values in it are quoted and shortened
 * @param fix what to do about it; empty where nothing needs doing
 */
public record Problem(
    Severity severity, String file, int line, int column, String path, String message, String fix) {

  /** {@code manifest.yaml:12:9: spec.nginx.port: "abc" is not a port: 1 to 65535. Fix: …}. */
  public String text() {
    StringBuilder out = new StringBuilder();
    out.append(file).append(':').append(line).append(':').append(column).append(": ");
    out.append(severity.prefix());
    if (!path.isEmpty()) {
      out.append(path).append(": ");
    }
    out.append(message);
    if (!fix.isEmpty()) {
      out.append(". Fix: ").append(fix);
    }
    return out.toString();
  }

  @Override
  public String toString() {
    return text();
  }
}

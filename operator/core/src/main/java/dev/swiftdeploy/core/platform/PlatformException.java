package dev.swiftdeploy.core.platform;

/** A platform could not be asked, or could not do what it was asked; the loop tries again. */
public class PlatformException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String fix;

  /**
   * @param message one sentence: what failed
   * @param fix one sentence: what a person can do about it
   */
  public PlatformException(String message, String fix) {
    super(message);
    this.fix = fix;
  }

  public PlatformException(String message, String fix, Throwable cause) {
    super(message, cause);
    this.fix = fix;
  }

  public String fix() {
    return fix;
  }
}

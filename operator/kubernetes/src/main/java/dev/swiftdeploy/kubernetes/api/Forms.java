package dev.swiftdeploy.kubernetes.api;

/**
 * The forms of single values as the API server checks them, in CEL, with the words of {@code
 * core.spec}. A test holds both to accept and refuse the same.
 */
final class Forms {
  static final String IMAGE =
      "self.matches(r'^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
          + "([.][a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*(:[0-9]{1,5})?/)?"
          + "[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*"
          + "(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[a-f0-9]{64})?$')";

  static final String IMAGE_MESSAGE =
      "is not an image reference such as registry.example.com/team/app:1.2.3";

  static final String VERSION = "self.matches(r'^[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?$')";

  static final String VERSION_MESSAGE =
      "is not a version: letters, digits, and . _ + - between them, at most 63 characters";

  static final String NAME = "self.matches(r'^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')";

  static final String NAME_MESSAGE =
      "is not a DNS-1123 name: lower-case letters, digits and -, at most 63, starting and"
          + " ending with a letter or digit";

  /** Up to a day. */
  static final String DURATION =
      "self != ''"
          + " && self.matches(r'^([0-9]{1,5}h)?([0-9]{1,7}m)?([0-9]{1,7}s)?([0-9]{1,9}ms)?$')"
          + " && duration(self) <= duration('24h')";

  static final String DURATION_MESSAGE =
      "is not a duration of at most a day: write 500ms, 30s, 1m30s or 2h";

  /** Above zero, up to a day. */
  static final String POSITIVE_DURATION =
      "self != ''"
          + " && self.matches(r'^([0-9]{1,5}h)?([0-9]{1,7}m)?([0-9]{1,7}s)?([0-9]{1,9}ms)?$')"
          + " && duration(self) <= duration('24h') && duration(self) > duration('0s')";

  static final String POSITIVE_DURATION_MESSAGE =
      "is not a duration of more than 0s and at most a day: write 500ms, 30s, 1m30s or 2h";

  static final String PATH =
      "self.matches(r'^/[A-Za-z0-9._~/-]*$') && !self.matches(r'//|/[.][.]?(/|$)')";

  static final String PATH_MESSAGE =
      "is not a URL path: / followed by letters, digits and . _ ~ - /, no .. or // in it";

  static final String CONTACT =
      "self.matches(r'^[A-Za-z0-9]([A-Za-z0-9 @.,:/_+#-]*[A-Za-z0-9/])?$')";

  static final String CONTACT_MESSAGE =
      "is not a contact: a mail address, a URL or plain words, made of letters, digits, spaces"
          + " and @ . , : / _ + # -";

  static final String HEADER = "self.matches(r'^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$')";

  static final String HEADER_MESSAGE = "is not a header name: letters, digits and -";

  static final String CPU = "self.matches(r'^[0-9]{1,6}([.][0-9]{1,3}|m)?$')";

  static final String CPU_MESSAGE = "is not an amount of cpu such as 500m or 2";

  static final String MEMORY = "self.matches(r'^[0-9]{1,15}([.][0-9]{1,3})?([kMGT]|[KMGT]i)?$')";

  static final String MEMORY_MESSAGE = "is not an amount of memory such as 256Mi or 1Gi";

  static final String URL =
      "self.matches(r'^https?://([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
          + "([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9a-fA-F:]{2,39}\\])"
          + "(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?$')";

  static final String URL_MESSAGE = "is not the URL of an OPA server such as http://127.0.0.1:8181";

  static final String FOLDER =
      "self.matches(r'^/?[A-Za-z0-9._][A-Za-z0-9._ +-]*(/[A-Za-z0-9._][A-Za-z0-9._ +-]*)*/?$')"
          + " && !self.matches(r'(^|/)[.][.](/|$)')";

  static final String FOLDER_MESSAGE =
      "is not a folder below the manifest's: letters, digits, spaces and . _ + - between"
          + " slashes, no .. in it";

  static final String ENV_NAME = "self.matches(r'^[A-Za-z_][A-Za-z0-9_]*$')";

  static final String ENV_NAME_MESSAGE =
      "is not an environment variable name: letters, digits and _, not starting with a digit";

  static final String DRIVER = "self.matches(r'^bridge$')";

  static final String DRIVER_MESSAGE = "is not a driver that SwiftDeploy can use, only bridge is";

  private Forms() {}
}

package dev.swiftdeploy.local.process;

import java.nio.file.Files;
import java.nio.file.Path;

/** How a file that is not there is most likely built. */
final class BuildAdvice {
  private BuildAdvice() {}

  /**
   * @param folder the manifest's
   * @param path of what is missing, relative to it
   */
  static String of(Path folder, String path) {
    int maven = segment(path, "target");
    if (maven >= 0) {
      String module = module(path, maven);
      if (module.isEmpty() && Files.exists(folder.resolve("pom.xml"))) {
        return "build it: mvn -q package";
      }
      if (!module.isEmpty() && Files.exists(folder.resolve(module).resolve("pom.xml"))) {
        return Files.exists(folder.resolve("pom.xml"))
            ? "build it: mvn -q -pl " + module + " package"
            : "build it: mvn -q -f " + module + "/pom.xml package";
      }
    }
    int gradle = segment(path, "build");
    if (gradle >= 0 && Files.exists(folder.resolve(module(path, gradle)).resolve("gradlew"))) {
      return "build it: " + module(path, gradle) + (gradle > 0 ? "/" : "./") + "gradlew build";
    }
    return "build it or put it there, or name another file in services.command";
  }

  /** Where a folder of that name begins in a path; -1 if there is none. */
  private static int segment(String path, String name) {
    if (path.startsWith(name + "/")) {
      return 0;
    }
    int at = path.indexOf("/" + name + "/");
    return at < 0 ? -1 : at + 1;
  }

  private static String module(String path, int end) {
    return end == 0 ? "" : path.substring(0, end - 1);
  }
}

package dev.swiftdeploy.local.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnClassPathTest {
  @TempDir Path temporary;

  @Test
  void findsWhatAJarNamesInItsManifest() throws IOException {
    Path lib = Files.createDirectories(temporary.resolve("my lib"));
    Path main = jar(temporary.resolve("main.jar"), "my%20lib/a.jar my%20lib/missing.jar");
    Path a = jar(lib.resolve("a.jar"), "b.jar ../main.jar");
    Path b = jar(lib.resolve("b.jar"), null);
    Path classes = Files.createDirectories(temporary.resolve("classes"));

    String classPath = main + File.pathSeparator + classes + File.pathSeparator + "/nowhere.jar";

    assertThat(OwnClassPath.entries(classPath)).containsExactlyInAnyOrder(main, a, b, classes);
  }

  @Test
  void theCopyHoldsFilesAndFoldersAndReplacesAnEarlierOne() throws IOException {
    Path folder = temporary.resolve("lib");
    Files.createDirectories(folder);
    Path old = Files.writeString(folder.resolve("old.jar"), "");

    String copy = OwnClassPath.copyTo(folder);

    assertThat(old).doesNotExist();
    assertThat(copy.split(File.pathSeparator))
        .hasSameSizeAs(OwnClassPath.entries(System.getProperty("java.class.path")).toArray())
        .allSatisfy(entry -> assertThat(Path.of(entry)).exists().startsWith(folder));
    assertThat(Files.walk(folder))
        .anyMatch(file -> file.endsWith("dev/swiftdeploy/local/proxy/OwnClassPathTest.class"));
  }

  private static Path jar(Path file, String classPath) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (classPath != null) {
      manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
    }
    new JarOutputStream(Files.newOutputStream(file), manifest).close();
    return file;
  }
}

package dev.swiftdeploy.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/architecture.md} lists the rules as they are tried. */
class PlannerTableTest {
  private static final Pattern ROW = Pattern.compile("^\\| \\d+ \\| `([a-z-]+)` \\|.*");

  @Test
  void theTableListsTheRulesInTheirOrder() throws IOException {
    List<String> listed =
        Files.readAllLines(Path.of("../../docs/architecture.md")).stream()
            .map(ROW::matcher)
            .filter(m -> m.matches())
            .map(m -> m.group(1))
            .toList();
    assertThat(listed).isEqualTo(Planner.RULES.stream().map(Rule::name).toList());
  }
}

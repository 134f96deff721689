package dev.swiftdeploy.adapters.policy;

import dev.swiftdeploy.core.admission.Violation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What the rules of a policy are called: the {@code title} in a rule's metadata, by the {@code
 * code}s that it names there (OPA's annotations: comments below {@code # METADATA}, in YAML).
 */
public final class RuleTitles {
  private static final String BEGIN = "# METADATA";

  private final Map<String, String> byCode = new HashMap<>();

  private RuleTitles() {}

  /** Of a policy. */
  public static RuleTitles of(PolicyBundle policy) {
    RuleTitles titles = new RuleTitles();
    policy.files().entrySet().stream()
        .filter(file -> PolicyFiles.isSource(file.getKey()))
        .forEach(file -> titles.read(new String(file.getValue(), StandardCharsets.UTF_8)));
    return titles;
  }

  /** Where no policy is known. */
  public static RuleTitles none() {
    return new RuleTitles();
  }

  /** Of the rule that found this. */
  public Optional<String> title(Violation violation) {
    return Optional.ofNullable(byCode.get(violation.qualifiedCode()));
  }

  private void read(String source) {
    String name = "";
    List<String> block = new ArrayList<>();
    List<String> blocks = new ArrayList<>();
    boolean in = false;
    for (String line : source.lines().toList()) {
      if (line.equals(BEGIN)) {
        in = true;
        block.clear();
      } else if (in && line.startsWith("#")) {
        block.add(line.length() > 1 ? line.substring(2) : "");
      } else {
        if (in) {
          blocks.add(String.join("\n", block));
        }
        in = false;
        name = line.startsWith("package ") ? line.substring(line.lastIndexOf('.') + 1) : name;
      }
    }
    String policy = name.strip();
    blocks.forEach(yaml -> keep(policy, yaml));
  }

  private void keep(String policy, String yaml) {
    try {
      Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
      if (document instanceof Map<?, ?> rule
          && rule.get("title") instanceof String title
          && rule.get("custom") instanceof Map<?, ?> custom) {
        if (custom.get("code") instanceof String code) {
          byCode.put(policy + "/" + code, title);
        }
        if (custom.get("codes") instanceof List<?> codes) {
          codes.forEach(code -> byCode.put(policy + "/" + code, title));
        }
      }
    } catch (YAMLException e) {
      return; // a comment that is no metadata has no title
    }
  }
}

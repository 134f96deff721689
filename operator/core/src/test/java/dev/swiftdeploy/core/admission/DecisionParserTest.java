package dev.swiftdeploy.core.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import dev.swiftdeploy.core.plan.TransitionKind;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.spec.InvalidValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionParserTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String ALLOWED =
      """
      {"allow": true,
       "violations": [
         {"code": "load_near_limit", "message": "Load near its limit: 1.9, at most 2",
          "policy": "infrastructure", "severity": "warning", "observed": 1.9, "threshold": 2}],
       "rollback": false,
       "failed_review": false,
       "grants": [
         {"kind": "rollback", "subject": "3f2a9c01b7de", "to": "00112233aabb",
          "on": ["unhealthy", "person", "spec"], "unavailable_for_seconds": 60},
         {"kind": "teardown", "subject": "3f2a9c01b7de", "to": null, "on": ["person"]}]}
      """;

  private static final String DENIED =
      """
      {"allow": false,
       "violations": [
         {"code": "disk_below_threshold",
          "message": "Disk below threshold: 3.2 GB free, 10 GB required",
          "policy": "infrastructure", "severity": "block", "observed": 3.2, "threshold": 10}],
       "rollback": true,
       "grants": []}
      """;

  @Test
  void reads_an_allowing_decision() {
    assertThat(parsed(json(ALLOWED)))
        .isEqualTo(
            new Decision(
                true,
                List.of(
                    new Violation(
                        "load_near_limit",
                        "Load near its limit: 1.9, at most 2",
                        "infrastructure",
                        Violation.Severity.WARNING,
                        DoubleNode.valueOf(1.9),
                        JsonNodeFactory.instance.numberNode(2))),
                false,
                false,
                List.of(
                    new Grant(
                        TransitionKind.ROLLBACK,
                        ReleaseId.of("3f2a9c01b7de"),
                        Optional.of(ReleaseId.of("00112233aabb")),
                        Set.of(GrantCause.PERSON, GrantCause.SPEC, GrantCause.UNHEALTHY),
                        Optional.of(Duration.ofSeconds(60))),
                    new Grant(
                        TransitionKind.TEARDOWN,
                        ReleaseId.of("3f2a9c01b7de"),
                        Optional.empty(),
                        Set.of(GrantCause.PERSON),
                        Optional.empty()))));
  }

  @Test
  void reads_a_denying_decision_whose_review_counts_as_failed_unless_it_says_otherwise() {
    Decision denied = parsed(json(DENIED));
    assertThat(denied.allow()).isFalse();
    assertThat(denied.rollback()).isTrue();
    assertThat(denied.failedReview()).isTrue();
    assertThat(denied.blocking())
        .extracting(Violation::qualifiedCode)
        .containsExactly("infrastructure/disk_below_threshold");

    assertThat(parsed(with(DENIED, "/failed_review", "false")).failedReview()).isFalse();
    assertThat(parsed(without(ALLOWED, "/failed_review")).failedReview()).isFalse();
  }

  @Test
  void fields_that_are_not_known_are_ignored() {
    JsonNode document = with(ALLOWED, "/note", "{\"any\": [1]}");
    ((ObjectNode) document.at("/grants/0")).put("note", 1);
    ((ObjectNode) document.at("/violations/0")).put("note", 1);
    assertThat(parsed(document)).isEqualTo(parsed(json(ALLOWED)));
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /allow                  |           | allow is missing
          /allow                  | null      | allow is null, a boolean is expected
          /allow                  | "true"    | allow is a string, a boolean is expected
          /allow                  | "yes"     | allow is a string, a boolean is expected
          /allow                  | 1         | allow is a number, a boolean is expected
          /allow                  | [true]    | allow is an array, a boolean is expected
          /allow                  | {}        | allow is an object, a boolean is expected
          /allow                  | false     | allow is false and grants is not empty
          /violations             |           | violations is missing
          /violations             | null      | violations is null, an array is expected
          /violations             | {}        | violations is an object, an array is expected
          /violations             | [[]]      | violations[0] is an array, an object is expected
          /violations             | ["disk"]  | violations[0] is a string, an object is expected
          /violations/0/code      |           | violations[0].code is missing
          /violations/0/code      | 7         | violations[0].code is a number, a string is expected
          /violations/0/code      | " "       | violations[0].code is empty
          /violations/0/message   |           | violations[0].message is missing
          /violations/0/message   | null      | violations[0].message is null, a string is expected
          /violations/0/policy    |           | violations[0].policy is missing
          /violations/0/severity  |           | violations[0].severity is missing
          /violations/0/severity  | "BLOCK"   | violations[0].severity: "BLOCK" is not a severity: block or warning
          /violations/0/severity  | "block"   | allow is true and violations[0] blocks
          /violations/0/observed  | [1]       | violations[0].observed is an array, a single value is expected
          /violations/0/threshold | {}        | violations[0].threshold is an object, a single value is expected
          /rollback               |           | rollback is missing
          /rollback               | null      | rollback is null, a boolean is expected
          /rollback               | 0         | rollback is a number, a boolean is expected
          /failed_review          | null      | failed_review is null, a boolean is expected
          /failed_review          | "no"      | failed_review is a string, a boolean is expected
          /grants                 |           | grants is missing
          /grants                 | null      | grants is null, an array is expected
          /grants                 | {}        | grants is an object, an array is expected
          /grants                 | [null]    | grants[0] is null, an object is expected
          /grants/0/kind          |           | grants[0].kind is missing
          /grants/0/kind          | "undo"    | grants[0].kind: "undo" is not a transition
          /grants/0/kind          | "promote" | grants[0].kind is promote, only a retreat can be granted
          /grants/0/subject       |           | grants[0].subject is missing
          /grants/0/subject       | "demo"    | grants[0].subject: a release id is 12 hex digits
          /grants/0/to            | 5         | grants[0].to is a number, a string is expected
          /grants/0/to            | "demo"    | grants[0].to: a release id is 12 hex digits
          /grants/0/on            |           | grants[0].on is missing
          /grants/0/on            | "person"  | grants[0].on is a string, an array is expected
          /grants/0/on            | [null]    | grants[0].on[0] is null, a string is expected
          /grants/0/on            | ["whim"]  | grants[0].on[0]: "whim" is not a cause: person, spec or unhealthy
          /grants/1/on            | []        | grants[1].on is empty, and there is no unavailable_for_seconds
          /grants/0/unavailable_for_seconds | "60" | grants[0].unavailable_for_seconds is a string, a single value is expected
          /grants/0/unavailable_for_seconds | 0    | grants[0].unavailable_for_seconds is not a whole number from 1 to 2592000
          /grants/0/unavailable_for_seconds | -1   | grants[0].unavailable_for_seconds is not a whole number from 1 to 2592000
          /grants/0/unavailable_for_seconds | 1.5  | grants[0].unavailable_for_seconds is not a whole number from 1 to 2592000
          /grants/0/unavailable_for_seconds | 1e30 | grants[0].unavailable_for_seconds is not a whole number from 1 to 2592000
          """)
  void a_malformed_part_makes_the_whole_malformed(String pointer, String value, String why) {
    JsonNode document = value == null ? without(ALLOWED, pointer) : with(ALLOWED, pointer, value);
    assertThat(malformed(document)).isEqualTo(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          null   | the result is null, an object is expected
          true   | the result is a boolean, an object is expected
          "true" | the result is a string, an object is expected
          []     | the result is an array, an object is expected
          {}     | allow is missing
          """)
  void what_is_no_object_is_malformed(String document, String why) {
    assertThat(malformed(json(document))).isEqualTo(why);
  }

  @Test
  void nodes_that_are_no_json_are_malformed() {
    assertThat(malformed(MissingNode.getInstance()))
        .isEqualTo("the result is missing, an object is expected");
    ObjectNode document = (ObjectNode) json(ALLOWED);
    document.set("allow", new POJONode(true));
    assertThat(malformed(document)).isEqualTo("allow is no JSON value, a boolean is expected");
    document.set("allow", BinaryNode.valueOf(new byte[] {1}));
    assertThat(malformed(document)).isEqualTo("allow is no JSON value, a boolean is expected");
  }

  @Test
  void sizes_are_bounded() {
    ObjectNode document = (ObjectNode) json(DENIED);
    ArrayNode violations = (ArrayNode) document.get("violations");
    while (violations.size() < 100) {
      violations.add(violations.get(0).deepCopy());
    }
    assertThat(parsed(document).violations()).hasSize(100);
    violations.add(violations.get(0).deepCopy());
    assertThat(malformed(document)).isEqualTo("violations has 101 entries, at most 100 are taken");

    ObjectNode granting = (ObjectNode) json(ALLOWED);
    ArrayNode grants = (ArrayNode) granting.get("grants");
    while (grants.size() < 11) {
      grants.add(grants.get(0).deepCopy());
    }
    assertThat(malformed(granting)).isEqualTo("grants has 11 entries, at most 10 are taken");

    for (String field : List.of("code", "message", "policy", "observed", "threshold")) {
      String pointer = "/violations/0/" + field;
      parsed(with(DENIED, pointer, "\"" + "é".repeat(1000) + "\""));
      assertThat(malformed(with(DENIED, pointer, "\"" + "é".repeat(1001) + "\"")))
          .isEqualTo("violations[0]." + field + " has 1001 characters, at most 1000 are taken");
    }
    assertThat(
            malformed(
                with(ALLOWED, "/grants/0/on", "[\"person\",\"person\",\"person\",\"person\"]")))
        .isEqualTo("grants[0].on has 4 entries, at most 3 are taken");
  }

  @Test
  void numbers_that_cannot_be_computed_with_are_malformed() {
    for (JsonNode number :
        List.of(
            DoubleNode.valueOf(Double.NaN),
            DoubleNode.valueOf(Double.NEGATIVE_INFINITY),
            DecimalNode.valueOf(new BigDecimal("1e999999999")),
            DecimalNode.valueOf(new BigDecimal("1e-999999999")),
            DecimalNode.valueOf(new BigDecimal("1".repeat(101))))) {
      ObjectNode document = (ObjectNode) json(DENIED);
      ((ObjectNode) document.at("/violations/0")).set("observed", number);
      assertThat(malformed(document)).startsWith("violations[0].observed is ");
    }
    for (String fine :
        List.of("1e308", "-0", "9007199254740993", "0.1", "false", "\"x\"", "null")) {
      parsed(with(DENIED, "/violations/0/observed", fine));
    }
  }

  @Test
  void observed_and_threshold_may_be_missing() {
    JsonNode document = without(DENIED, "/violations/0/observed");
    ((ObjectNode) document.at("/violations/0")).remove("threshold");
    Violation violation = parsed(document).violations().get(0);
    assertThat(violation.observed().isNull()).isTrue();
    assertThat(violation.threshold().isNull()).isTrue();
  }

  @Test
  void what_goes_into_a_record_is_read_back_the_same() throws JsonProcessingException {
    for (String text : List.of(ALLOWED, DENIED)) {
      Decision decision = parsed(json(text));
      String written = JSON.writeValueAsString(decision);
      assertThat(JSON.readValue(written, Decision.class)).isEqualTo(decision);
    }
    assertThat(JSON.writeValueAsString(parsed(json(ALLOWED))))
        .isEqualTo(
            "{\"allow\":true,\"violations\":[{\"code\":\"load_near_limit\",\"message\":\"Load near"
                + " its limit: 1.9, at most 2\",\"policy\":\"infrastructure\",\"severity\":\"warning\",\"observed\":1.9,\"threshold\":2}],\"rollback\":false,\"failed_review\":false,\"grants\":[{\"kind\":\"rollback\",\"subject\":\"3f2a9c01b7de\",\"to\":\"00112233aabb\",\"on\":[\"person\",\"spec\",\"unhealthy\"],\"unavailable_for_seconds\":60},{\"kind\":\"teardown\",\"subject\":\"3f2a9c01b7de\",\"to\":null,\"on\":[\"person\"],\"unavailable_for_seconds\":null}]}");
    assertThatThrownBy(() -> Decision.of(json("{\"allow\": \"yes\"}")))
        .isInstanceOf(InvalidValue.class)
        .hasMessage("not a decision: allow is a string, a boolean is expected");
  }

  @Test
  void words_do_not_depend_on_the_locale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(new Locale("tr", "TR"));
      assertThat(GrantCause.PERSON.word()).isEqualTo("person");
      assertThat(Violation.Severity.WARNING.word()).isEqualTo("warning");
      assertThat(parsed(json(ALLOWED)).json()).isEqualTo(parsed(json(ALLOWED)).json());
    } finally {
      Locale.setDefault(before);
    }
  }

  /**
   * Documents made by damaging well-formed ones at random: whatever allows had a boolean {@code
   * true}, kept its required parts and blocks nowhere.
   */
  @Test
  void only_a_boolean_true_in_a_well_formed_document_ever_allows() {
    Random random = new Random(20260101);
    int allowed = 0;
    for (int i = 0; i < 200_000; i++) {
      JsonNode document = json(random.nextInt(4) == 0 ? DENIED : ALLOWED);
      for (int damage = random.nextInt(3); damage > 0; damage--) {
        document = damaged(document, random);
      }
      if (DecisionParser.parse(document) instanceof DecisionParser.Parsed p
          && p.decision().allow()) {
        allowed++;
        assertThat(document.get("allow").isBoolean() && document.get("allow").booleanValue())
            .as("%s", document)
            .isTrue();
        assertThat(document.get("violations").isArray()).isTrue();
        assertThat(document.get("violations"))
            .allSatisfy(v -> assertThat(v.get("severity").textValue()).isEqualTo("warning"));
        assertThat(document.get("rollback").isBoolean()).isTrue();
        assertThat(document.get("grants").isArray()).isTrue();
        assertThat(document.get("grants"))
            .allSatisfy(g -> assertThat(g.get("kind").textValue()).isIn("rollback", "teardown"));
      }
    }
    assertThat(allowed).as("some must stay whole").isBetween(20_000, 180_000);
  }

  // ---- making documents --------------------------------------------------------------

  private static JsonNode damaged(JsonNode document, Random random) {
    List<String> places = new ArrayList<>();
    collect(document, "", places);
    String place = places.get(random.nextInt(places.size()));
    if (place.isEmpty()) {
      return any(random);
    }
    return random.nextInt(3) == 0 ? remove(document, place) : replace(document, place, any(random));
  }

  private static JsonNode any(Random random) {
    String[] values = {
      "null",
      "true",
      "false",
      "\"true\"",
      "\"\"",
      "0",
      "1",
      "-1",
      "1e308",
      "[]",
      "[true]",
      "{}",
      "{\"allow\":true}",
      "\"block\"",
      "\"warning\"",
      "\"promote\"",
      "\"rollback\"",
      "\"person\"",
      "[\"person\"]",
      ALLOWED,
      DENIED
    };
    return json(values[random.nextInt(values.length)]);
  }

  private static void collect(JsonNode node, String at, List<String> places) {
    places.add(at);
    node.fieldNames().forEachRemaining(f -> collect(node.get(f), at + "/" + f, places));
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(node.get(i), at + "/" + i, places);
      }
    }
  }

  private static JsonNode with(String document, String pointer, String value) {
    return replace(json(document), pointer, json(value));
  }

  private static JsonNode without(String document, String pointer) {
    return remove(json(document), pointer);
  }

  private static JsonNode replace(JsonNode document, String pointer, JsonNode value) {
    int cut = pointer.lastIndexOf('/');
    String last = pointer.substring(cut + 1);
    JsonNode parent = document.at(pointer.substring(0, cut));
    if (parent instanceof ArrayNode array) {
      array.set(Integer.parseInt(last), value);
    } else {
      ((ObjectNode) parent).set(last, value);
    }
    return document;
  }

  private static JsonNode remove(JsonNode document, String pointer) {
    int cut = pointer.lastIndexOf('/');
    String last = pointer.substring(cut + 1);
    JsonNode parent = document.at(pointer.substring(0, cut));
    if (parent instanceof ArrayNode array) {
      array.remove(Integer.parseInt(last));
    } else {
      ((ObjectNode) parent).remove(last);
    }
    return document;
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Decision parsed(JsonNode document) {
    DecisionParser.Result result = DecisionParser.parse(document);
    assertThat(result).isInstanceOf(DecisionParser.Parsed.class);
    return ((DecisionParser.Parsed) result).decision();
  }

  private static String malformed(JsonNode document) {
    DecisionParser.Result result = DecisionParser.parse(document);
    assertThat(result).isInstanceOf(DecisionParser.Malformed.class);
    return ((DecisionParser.Malformed) result).why();
  }
}

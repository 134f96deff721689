package dev.swiftdeploy.core.report;

import static dev.swiftdeploy.core.spec.SpecOf.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.spec.SpecOf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TableHead;
import org.commonmark.ext.gfm.tables.TableRow;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.CustomNode;
import org.commonmark.node.Emphasis;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report as a Markdown renderer with GitHub's tables reads it. */
class AuditReportTest {
  private static final Pattern CHART =
      Pattern.compile(
          "xychart-beta\\n  title \"[A-Za-z0-9 ]+\"\\n"
              + "  x-axis \"(seconds|minutes|hours) since [0-9:]{8} UTC\" 0 --> [0-9]+\\n"
              + "  y-axis \"percent\" 0 --> 100\\n  line \\[[0-9]+(, [0-9]+){60}]\\n");

  private static final Pattern FOLD =
      Pattern.compile("<details>\\n<summary>[0-9]+ [a-z ]+</summary>|</details>");

  private static Audit audit(Story story) {
    return audit(
        story.records, story.head, Optional.empty(), Optional.empty(), story.now.plusSeconds(60));
  }

  private static Audit audit(
      List<AuditRecord> records,
      Chain.Head head,
      Optional<AuditLog.Damage> damage,
      Optional<Instant> since,
      Instant now) {
    Audit.Reader reader = new Audit.Reader(since, now);
    records.forEach(reader::take);
    return reader.audit(Chain.Head.START, head, Set.of(), damage);
  }

  private static Audit.ResourcePart demo(Story story) {
    return audit(story).resources().get(0);
  }

  private static Node parsed(String markdown) {
    return Parser.builder().extensions(List.of(TablesExtension.create())).build().parse(markdown);
  }

  @Test
  void itReadsAsItDid() {
    Goldens.check(
        "audit_report.md", SpecOf.lettered(AuditReport.render(audit(Story.of("too slow")))));
  }

  @Test
  void itIsJsonForMachines() throws Exception {
    String json =
        Json.MAPPER
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(audit(Story.of("too slow")));
    Goldens.check("audit.json", SpecOf.lettered(json) + "\n");
  }

  // ---- what is counted ----

  @Test
  void repetitionsThatWereNotWrittenCount() {
    Audit.Counts counts = demo(Story.of("x")).counts();

    assertThat(counts.denied()).as("disk, 6 more, latency, 11 more").isEqualTo(1 + 6 + 1 + 11);
    assertThat(counts.allowed())
        .as("deploy, canary, review and one more, advance, rollback")
        .isEqualTo(6);
    assertThat(counts.unavailable()).isEqualTo(1);
  }

  @Test
  void timeBlockedIsUntilTheNextDecision() {
    assertThat(demo(Story.of("x")).blocked()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void whatIsOnlyReviewedBlocksNothing() {
    assertThat(demo(Story.of("x")).unavailable()).isEqualTo(Duration.ZERO);
  }

  @Test
  void aRefusedReleaseIsThereWithItsReason() {
    List<Audit.Refused> refused = demo(Story.of("x")).refused();

    assertThat(refused).hasSize(1);
    assertThat(refused.get(0).refusal().release()).isEqualTo(id("B"));
    assertThat(refused.get(0).still()).isTrue();
  }

  @Test
  void aRolloutIsWhatTransitionsAndSamplesTell() {
    Audit.Rollout rollout = demo(Story.of("x")).rollouts().get(0);

    assertThat(rollout.release()).isEqualTo(id("B").value());
    assertThat(rollout.end()).isEqualTo("rollback");
    assertThat(rollout.shares().stream().map(Audit.Share::percent))
        .containsExactly(0, 10, 10, 10, 50, 50, 50, 0);
  }

  @Test
  void oneThatGoesOnIsOpen() {
    Audit.Rollout rollout = demo(Story.untilHalf()).rollouts().get(0);

    assertThat(rollout.end()).isEqualTo("open");
    assertThat(WeightChart.of(rollout)).endsWith("50, 50]\n");
  }

  @Test
  void sinceLeavesOutWhatIsOlderButNotTheChain() {
    Story story = Story.of("x");
    Audit all = audit(story);
    Audit since =
        audit(
            story.records,
            story.head,
            Optional.empty(),
            Optional.of(story.now.minusSeconds(30)),
            story.now);

    assertThat(since.chain().records()).isEqualTo(all.chain().records());
    assertThat(since.resources().get(0).timeline().size())
        .isLessThan(all.resources().get(0).timeline().size());
    assertThat(since.resources().get(0).violations()).isEmpty();
    assertThat(since.resources().get(0).refused()).hasSize(1);
  }

  @Test
  void damageIsTheFirstThingThatIsRead() {
    Story story = Story.of("x");
    Audit audit =
        audit(
            story.records,
            story.head,
            Optional.of(new AuditLog.Damage(AuditLog.Damage.Kind.EDITED, 7, "it was | changed")),
            Optional.empty(),
            story.now);

    assertThat(AuditReport.render(audit).lines().limit(8))
        .anyMatch(l -> l.contains("**no**: line 7: it was &#124; changed"));
  }

  @Test
  void whatBlockedMostIsCountedAndTimed() {
    assertThat(demo(Story.of("x")).reasons())
        .extracting(Audit.Reason::code, Audit.Reason::times, r -> r.time().toSeconds())
        .containsExactly(
            tuple("infrastructure/disk_below_threshold", 7L, 90L),
            tuple("canary/latency_too_high", 12L, 0L));
  }

  @Test
  void aLongTimelineIsFoldedAndAVeryLongOneKeepsItsNewest() {
    Story story = Story.of("x");
    Audit.Reader reader = new Audit.Reader(Optional.empty(), story.now);
    story.records.forEach(reader::take);
    Chain.Head head = story.head;
    for (int i = 0; i < 6000; i++) {
      AuditRecord record =
          Chain.seal(head, story.now, Optional.of(SpecOf.DEMO), new Entry.Stopped("kim " + i));
      head = Chain.Head.of(record);
      reader.take(record);
    }
    Audit audit = reader.audit(Chain.Head.START, head, Set.of("a".repeat(64)), Optional.empty());
    String report = AuditReport.render(audit);

    Audit.ResourcePart part = audit.resources().get(0);
    assertThat(part.timeline()).hasSize(5000);
    assertThat(part.olderEvents()).isGreaterThan(1000);
    assertThat(part.timeline().get(4999).detail()).isEqualTo("by kim 5999");
    assertThat(report)
        .contains("<details>\n<summary>1000 records</summary>\n\n| Record | Time")
        .contains("by kim 5999", "| Signed by | " + "a".repeat(64))
        .doesNotContain("by kim 4999 ");
    structure(report);
  }

  @Test
  void whatACheckpointStandsForIsKnown() {
    Story story = Story.of("x");
    StateFold fold = new StateFold();
    story.records.stream().filter(r -> r.concerns(SpecOf.DEMO)).forEach(fold::accept);
    Entry.Checkpoint entry =
        new Entry.Checkpoint(Entry.Checkpoint.FORMAT, "a".repeat(64), Map.of("demo", fold.kept()));
    Audit.Reader reader = new Audit.Reader(Optional.empty(), story.now);
    AuditRecord checkpoint =
        Chain.checkpoint(story.head, story.now, entry, covered -> "0".repeat(128));
    reader.take(checkpoint);
    Audit audit = reader.audit(story.head, Chain.Head.of(checkpoint), Set.of(), Optional.empty());

    assertThat(audit.resources()).extracting(Audit.ResourcePart::resource).containsExactly("demo");
    assertThat(AuditReport.render(audit))
        .contains("| Records | 1, from checkpoint " + checkpoint.seq() + " on |");
  }

  @Test
  void anEmptyChainHasAReportToo() {
    String report =
        AuditReport.render(
            audit(
                List.of(),
                Chain.Head.START,
                Optional.empty(),
                Optional.empty(),
                Story.of("x").now));

    assertThat(report).contains("| Records | 0 |");
  }

  // ---- what is from outside ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a | b || c |",
        "two\nlines\r\n\r\n# heading\n\n---\n",
        "`code` ``` ~~~ ```mermaid\n",
        "</td></table><script>alert(1)</script><img src=x onerror=y><!-- --> <b>",
        "# not a heading #12 GH-1 @kim",
        "[link](javascript:x) ![image](http://x/y.png) [^1] <http://x>",
        "https://example.com www.example.com mailto:a@b.c :smile: ftp://x",
        "*emph* _emph_ **strong** ~~gone~~ $math$ ==mark==",
        "\\| \\` \\\\ \\",
        "&lt; &#124; &amp; &nbsp;",
        "| --- | --- |\n| a | b |",
        "]\n  line [1, 2\n  title \"x\"\n%% comment\nend;",
        "\u202egnp.exe \u200b\u2028\u2029\u0000\u001b[2J \ud800",
        "- item\n1. item\n> quote",
        "日本語 ☃ 𝄞 e\u0301",
        "   ",
      })
  void whateverIsFromOutsideIsTextInItsCell(String outside) {
    String report = AuditReport.render(audit(Story.of(outside)));

    structure(report);
    assertThat(structureOf(report))
        .isEqualTo(structureOf(AuditReport.render(audit(Story.of("x")))));
  }

  @Test
  void whatIsFromOutsideIsReadAsItWasWritten() {
    String outside = "a | `b` <c> *d* [e](f) #g @h https://i.j & \\k ~l~ $m$ {n}";
    List<String> cells = new ArrayList<>();
    parsed(AuditReport.render(audit(Story.of(outside)))).accept(texts(cells));

    assertThat(cells).contains(outside);
  }

  /** Each row has its table's cells, and there is no markup but ours. */
  private static void structure(String report) {
    parsed(report)
        .accept(
            new AbstractVisitor() {
              private int columns;

              @Override
              public void visit(CustomBlock block) {
                if (block instanceof TableBlock) {
                  columns = cells(block.getFirstChild().getFirstChild());
                }
                visitChildren(block);
              }

              @Override
              public void visit(CustomNode node) {
                if (node instanceof TableRow && !(node.getParent() instanceof TableHead)) {
                  assertThat(cells(node)).isEqualTo(columns);
                }
                visitChildren(node);
              }

              @Override
              public void visit(FencedCodeBlock block) {
                assertThat(block.getInfo()).isEqualTo("mermaid");
                assertThat(block.getLiteral()).matches(CHART);
              }

              @Override
              public void visit(HtmlBlock node) {
                assertThat(node.getLiteral()).matches(FOLD);
              }

              @Override
              public void visit(HtmlInline node) {
                throw new AssertionError("HTML: " + node.getLiteral());
              }

              @Override
              public void visit(Link node) {
                throw new AssertionError("a link: " + node.getDestination());
              }

              @Override
              public void visit(Image node) {
                throw new AssertionError("an image: " + node.getDestination());
              }

              @Override
              public void visit(Code node) {
                throw new AssertionError("code: " + node.getLiteral());
              }

              @Override
              public void visit(Emphasis node) {
                throw new AssertionError("emphasis in " + node.getParent());
              }
            });
  }

  private static int cells(Node row) {
    int count = 0;
    for (Node cell = row.getFirstChild(); cell != null; cell = cell.getNext()) {
      count++;
    }
    return count;
  }

  /** The kinds of all blocks, in their order. */
  private static List<String> structureOf(String report) {
    List<String> kinds = new ArrayList<>();
    blocks(parsed(report), kinds);
    return kinds;
  }

  private static void blocks(Node node, List<String> kinds) {
    for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
      if (!(child instanceof Text)) {
        kinds.add(child.getClass().getSimpleName());
      }
      if (!(child instanceof TableCell)) {
        blocks(child, kinds);
      }
    }
  }

  private static AbstractVisitor texts(List<String> cells) {
    return new AbstractVisitor() {
      @Override
      public void visit(CustomNode node) {
        if (node instanceof TableCell) {
          StringBuilder text = new StringBuilder();
          for (Node part = node.getFirstChild(); part != null; part = part.getNext()) {
            text.append(part instanceof Text literal ? literal.getLiteral() : "?");
          }
          cells.add(text.toString());
        }
        visitChildren(node);
      }
    };
  }
}

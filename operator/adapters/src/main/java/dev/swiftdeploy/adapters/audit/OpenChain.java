package dev.swiftdeploy.adapters.audit;

import dev.swiftdeploy.core.audit.Chain;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The files of a chain as they are at one moment, held open: whatever a daemon closes, replaces or
 * removes afterwards, they can be read to their end.
 */
final class OpenChain implements AutoCloseable {
  private final ChainPlace place;
  private final Map<Segments.Segment, FileChannel> held = new HashMap<>();
  private Optional<FileChannel> active = Optional.empty();
  private List<Segments.Segment> closed = List.of();
  private List<Segments.Segment> whole = List.of();
  private List<Segments.Segment> wanted = List.of();

  private OpenChain(ChainPlace place) {
    this.place = place;
  }

  /** Opens what is to be read. */
  static OpenChain open(ChainPlace place, ChainScan.Listing listing, ChainScan.From from)
      throws IOException {
    OpenChain chain = new OpenChain(place);
    try {
      while (!chain.take(listing, from)) {
        chain.close(); // a segment was closed, or some were removed, in between
      }
      return chain;
    } catch (IOException | RuntimeException e) {
      chain.close();
      throw e;
    }
  }

  /** Whether what was opened and what was listed are of one moment. */
  private boolean take(ChainScan.Listing listing, ChainScan.From from) throws IOException {
    try {
      active = Optional.of(FileChannel.open(place.history(), StandardOpenOption.READ));
    } catch (NoSuchFileException e) {
      active = Optional.empty();
    }
    List<Segments.Segment> before = closed;
    closed = listing.all();
    whole = cutShort() ? closed.subList(0, closed.size() - 1) : closed;
    wanted = wanted(from);
    try {
      for (Segments.Segment segment : wanted) {
        held.put(segment, FileChannel.open(segment.file(), StandardOpenOption.READ));
      }
    } catch (NoSuchFileException e) {
      if (closed.equals(before)) {
        throw e; // it is still there, and leads nowhere
      }
      return false;
    }
    return sameAgain();
  }

  private List<Segments.Segment> wanted(ChainScan.From from) {
    return switch (from) {
      case START, PRESENT -> whole;
      case CLOSED_SEGMENT -> whole.subList(Math.max(0, whole.size() - 1), whole.size());
      case SEGMENT, LAST_CLOSED_ONLY -> List.of();
    };
  }

  /** No two segments begin alike: that which is written to still is the one that was opened. */
  private boolean sameAgain() throws IOException {
    Optional<byte[]> now;
    try (FileChannel again = FileChannel.open(place.history(), StandardOpenOption.READ)) {
      now = ChainFile.first(() -> streamOf(again));
    } catch (NoSuchFileException e) {
      return active.isEmpty();
    }
    Optional<byte[]> then = firstLine();
    // The first record of all may have been written in between.
    return active.isPresent()
        && (then.isEmpty() || now.filter(n -> Arrays.equals(n, then.get())).isPresent());
  }

  private Optional<byte[]> firstLine() throws IOException {
    return active.isPresent() ? ChainFile.first(() -> streamOf(active.get())) : Optional.empty();
  }

  /** The last closed segment is the one in use: a rotation was cut short. */
  private boolean cutShort() throws IOException {
    if (closed.isEmpty() || active.isEmpty()) {
      return false;
    }
    Segments.Segment last = closed.get(closed.size() - 1);
    if (!Segments.unfinished(last, begins().seq() + 1)) {
      return false;
    }
    Optional<byte[]> there = last.firstLine();
    Optional<byte[]> here = firstLine();
    return there.isPresent() && here.isPresent() && Arrays.equals(there.get(), here.get());
  }

  /** The segment that is written to; empty where there is none. */
  Optional<ChainFile.Source> active() {
    return active.map(a -> () -> streamOf(a));
  }

  /** What that segment continues, by its first line. */
  Chain.Head begins() throws IOException {
    return firstLine().flatMap(Chain::before).orElse(Chain.Head.START);
  }

  /** All closed segments, by name. */
  List<Segments.Segment> closed() {
    return closed;
  }

  /** The same, without one that also is the one that is written to. */
  List<Segments.Segment> whole() {
    return whole;
  }

  /** Those that are to be read, oldest first. */
  List<Segments.Segment> wanted() {
    return wanted;
  }

  /** Reads one of those. */
  ChainFile.Source source(Segments.Segment segment) {
    FileChannel file = Objects.requireNonNull(held.get(segment), "only those that are wanted");
    return () -> Segments.unpacked(streamOf(file));
  }

  /** From its start. */
  private static InputStream streamOf(FileChannel file) throws IOException {
    file.position(0);
    return new FilterInputStream(Channels.newInputStream(file)) {
      @Override
      public void close() {
        // read again: its owner closes the channel
      }
    };
  }

  @Override
  public void close() throws IOException {
    for (FileChannel file : held.values()) {
      file.close();
    }
    held.clear();
    if (active.isPresent()) {
      active.get().close();
    }
  }
}

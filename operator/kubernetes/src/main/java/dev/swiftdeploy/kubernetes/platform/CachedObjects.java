package dev.swiftdeploy.kubernetes.platform;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What watches have shown, and over it what this process has written and they have not shown yet: a
 * loop that could not see its own writes would do everything twice. Asks nothing.
 */
public final class CachedObjects implements KnownObjects {
  /** What a watch does not show for so long did not come about, or was undone. */
  private static final Duration BELIEVED = Duration.ofSeconds(10);

  private final Shown shown;
  private final Clock clock;
  private final Map<String, Map<String, Written>> written = new ConcurrentHashMap<>();

  /** What watches have shown. */
  public interface Shown {
    /**
     * All of one kind.
     *
     * @param resource the value of {@link KubernetesSite#RESOURCE_LABEL}
     */
    <T extends HasMetadata> List<T> of(Class<T> kind, String namespace, String resource);
  }

  /**
   * An own write.
   *
   * @param there false: it was deleted
   */
  private record Written(HasMetadata object, boolean there, Instant at) {}

  public CachedObjects(Shown shown, Clock clock) {
    this.shown = shown;
    this.clock = clock;
  }

  @Override
  public <T extends HasMetadata> List<T> of(Class<T> kind, KubernetesSite site) {
    String resource = site.resource().value();
    List<T> cached = shown.of(kind, site.namespace(), resource);
    Map<String, Written> own = written.get(key(site.namespace(), resource));
    return own == null ? cached : over(kind, cached, own);
  }

  private <T extends HasMetadata> List<T> over(
      Class<T> kind, List<T> cached, Map<String, Written> own) {
    synchronized (own) {
      own.values().removeIf(w -> clock.instant().isAfter(w.at().plus(BELIEVED)));
      Map<String, T> now = new HashMap<>();
      for (T object : cached) {
        String name = name(object);
        newer(own.get(name), object)
            .ifPresentOrElse(
                w -> {
                  if (w.there()) {
                    now.put(name, kind.cast(w.object()));
                  }
                },
                () -> {
                  own.remove(name);
                  now.put(name, object);
                });
      }
      for (Map.Entry<String, Written> write : own.entrySet()) {
        if (write.getValue().there() && kind.isInstance(write.getValue().object())) {
          now.putIfAbsent(write.getKey(), kind.cast(write.getValue().object()));
        }
      }
      return new ArrayList<>(now.values());
    }
  }

  /**
   * The write, while the watch has shown nothing newer. What is shown may be an object that was of
   * that name before the one that was written. One that was deleted may still be written to until
   * it is gone: it stays deleted.
   */
  private static Optional<Written> newer(@Nullable Written write, HasMetadata shown) {
    return Optional.ofNullable(write)
        .filter(
            w ->
                version(shown) < version(w.object())
                    || (!w.there() && uid(w.object()).equals(uid(shown))));
  }

  @Override
  public void wrote(HasMetadata object) {
    put(object, true);
  }

  @Override
  public void removed(HasMetadata object) {
    put(object, false);
  }

  private void put(HasMetadata object, boolean there) {
    String resource =
        String.valueOf(object.getMetadata().getLabels().get(KubernetesSite.RESOURCE_LABEL));
    Map<String, Written> own =
        written.computeIfAbsent(
            key(object.getMetadata().getNamespace(), resource), k -> new HashMap<>());
    synchronized (own) {
      own.put(name(object), new Written(object, there, clock.instant()));
    }
  }

  /** Nothing of it is of interest any more. */
  public void forget(KubernetesSite site) {
    written.remove(key(site.namespace(), site.resource().value()));
  }

  private static String key(String namespace, String resource) {
    return namespace + "/" + resource;
  }

  private static String name(HasMetadata object) {
    return object.getKind() + "/" + object.getMetadata().getName();
  }

  private static String uid(HasMetadata object) {
    return String.valueOf(object.getMetadata().getUid());
  }

  /** Of one kind, versions are numbers that grow, whatever object they are of. */
  private static long version(HasMetadata object) {
    return Long.parseLong(object.getMetadata().getResourceVersion());
  }
}

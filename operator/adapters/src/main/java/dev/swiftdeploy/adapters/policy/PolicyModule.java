package dev.swiftdeploy.adapters.policy;

import com.dylibso.chicory.compiler.Cache;
import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryImport;
import dev.swiftdeploy.core.release.Digests;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A compiled policy, ready to make instances of: parsed once and translated to Java classes once,
 * for all of them. Thread-safe.
 *
 * <p>Once there are classes, the WebAssembly's function bodies serve nobody, and parsed they would
 * take ten times the memory of everything else; so instances are made from a copy without them.
 */
final class PolicyModule {
  private final WasmModule module;
  private final Function<Instance, Machine> machines;
  private final int initialPages;

  private PolicyModule(WasmModule module, Function<Instance, Machine> machines) {
    this.module = module;
    this.machines = machines;
    this.initialPages = Math.max(importedPages(module), pagesOfData(module));
  }

  private static int importedPages(WasmModule module) {
    return module.importSection().stream()
        .filter(MemoryImport.class::isInstance)
        .mapToInt(i -> ((MemoryImport) i).limits().initialPages())
        .max()
        .orElse(1);
  }

  /** OPA adds a policy's texts to the data and does not raise the memory that is imported. */
  private static int pagesOfData(WasmModule module) {
    long end = 0;
    for (DataSegment segment : module.dataSection().dataSegments()) {
      if (segment instanceof ActiveDataSegment active) {
        long start = active.offsetInstructions().get(0).operands()[0];
        end = Math.max(end, start + active.data().length);
      }
    }
    return Math.toIntExact((end + Memory.PAGE_SIZE - 1) / Memory.PAGE_SIZE);
  }

  /** Those in use, by the SHA-256 of their WebAssembly. */
  private static final Map<String, WeakReference<PolicyModule>> IN_USE = new HashMap<>();

  /**
   * The same as {@link #compile}, once for all engines of this process that run the same policy.
   */
  static PolicyModule shared(byte[] wasm, Optional<BytecodeCache> cache) {
    String sha256 = Digests.sha256(wasm);
    synchronized (IN_USE) {
      IN_USE.values().removeIf(module -> module.get() == null);
      WeakReference<PolicyModule> known = IN_USE.get(sha256);
      PolicyModule module = known == null ? null : known.get();
      if (module == null) {
        module = compile(wasm, cache);
        IN_USE.put(sha256, new WeakReference<>(module));
      }
      return module;
    }
  }

  /** Translates, or takes the classes from the cache. Takes up to seconds. */
  static PolicyModule compile(byte[] wasm, Optional<BytecodeCache> cache) {
    String sha256 = Digests.sha256(wasm);
    WasmModule bodiless = Parser.parse(WasmSections.withoutBodies(wasm));
    Optional<byte[]> kept = cache.flatMap(c -> c.get(sha256));
    if (kept.isPresent()) {
      try {
        return new PolicyModule(bodiless, load(bodiless, kept.get()));
      } catch (RuntimeException | LinkageError e) {
        // a torn or foreign file: translate anew
      }
    }
    byte[] classes;
    try {
      classes = translate(Parser.parse(wasm));
    } catch (ChicoryException e) {
      // Some function is too large for a Java method.
      return interpret(wasm);
    }
    cache.ifPresent(c -> c.put(sha256, classes));
    return new PolicyModule(bodiless, load(bodiless, classes));
  }

  /** Doesn't translate: some tens of times slower, loads at once. */
  static PolicyModule interpret(byte[] wasm) {
    return new PolicyModule(Parser.parse(wasm), InterpreterMachine::new);
  }

  WasmModule module() {
    return module;
  }

  Function<Instance, Machine> machines() {
    return machines;
  }

  int initialPages() {
    return initialPages;
  }

  private static byte[] translate(WasmModule module) {
    AtomicReference<byte @Nullable []> classes = new AtomicReference<>();
    compiler(
        module,
        new Cache() {
          @Override
          public byte @Nullable [] get(String key) {
            return null;
          }

          @Override
          public void putIfAbsent(String key, byte[] data) {
            classes.set(data);
          }
        });
    byte[] made = classes.get();
    if (made == null) {
      throw new ChicoryException("no classes were made");
    }
    return made;
  }

  private static Function<Instance, Machine> load(WasmModule module, byte[] classes) {
    return compiler(
        module,
        new Cache() {
          @Override
          public byte[] get(String key) {
            return classes;
          }

          @Override
          public void putIfAbsent(String key, byte[] data) throws IOException {
            throw new IOException("there are classes already");
          }
        });
  }

  private static Function<Instance, Machine> compiler(WasmModule module, Cache cache) {
    return MachineFactoryCompiler.builder(module)
        .withInterpreterFallback(InterpreterFallback.FAIL)
        .withCache(cache)
        .compile();
  }
}

package dev.swiftdeploy.adapters.policy;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.styra.opa.wasm.OpaWasm_Env;
import com.styra.opa.wasm.OpaWasm_ModuleExports;
import com.styra.opa.wasm.OpaWasm_ModuleImports;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a policy with its data in its own bounded memory, driven by OPA's ABI 1.3
 * (openpolicyagent.org/docs/wasm). Not thread-safe; not to be used again after it threw.
 *
 * <p>The bindings are opa-java-wasm's. Its {@code OpaPolicy} isn't used: that one parses and
 * translates the module again for each instance.
 */
final class PolicyInstance implements OpaWasm_ModuleImports, OpaWasm_Env {
  /** Of 64 KiB each: 64 MiB. */
  private static final int MOST_PAGES = 1024;

  /** An instance that grew beyond this (8 MiB) isn't kept for the next evaluation. */
  private static final int MOST_PAGES_KEPT = 128;

  /** A builtin that the policy calls and this engine lacks, or a policy that isn't one. */
  static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }
  }

  /** JSON that OPA's parser does not take, such as half of a surrogate pair. */
  static final class UnreadableInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableInput(@Nullable Throwable cause) {
      super(cause);
    }
  }

  private final Memory memory;
  private final OpaWasm_ModuleExports opa;
  private final Map<Integer, String> builtins = new HashMap<>();
  private final int entrypoint;
  private final int dataAddress;
  private final int heapAfterData;

  /**
   * Makes one.
   *
   * @param data a JSON object in UTF-8
   */
  PolicyInstance(PolicyModule module, byte[] data) {
    if (module.initialPages() > MOST_PAGES) {
      throw new Unusable("the policy needs more memory than " + MOST_PAGES / 16 + " MiB");
    }
    memory = new ByteArrayMemory(new MemoryLimits(module.initialPages(), MOST_PAGES));
    opa =
        new OpaWasm_ModuleExports(
            Instance.builder(module.module())
                .withImportValues(toImportValues())
                .withMachineFactory(module.machines())
                .build());
    if (opa.opaWasmAbiVersion().getValue() != 1 || opa.opaWasmAbiMinorVersion().getValue() < 3) {
      throw new Unusable("the policy was compiled for another ABI than OPA's 1.3");
    }
    readJson(opa.builtins())
        .properties()
        .forEach(b -> builtins.put(b.getValue().intValue(), b.getKey()));
    for (String name : builtins.values()) {
      if (!name.equals(GoFormat.BUILTIN)) {
        throw new Unusable("the policy calls " + name + ", which the embedded engine lacks");
      }
    }
    JsonNode id = readJson(opa.entrypoints()).path(PolicyBundle.ENTRYPOINT);
    if (!id.isInt()) {
      throw new Unusable("the policy lacks the entrypoint " + PolicyBundle.ENTRYPOINT);
    }
    entrypoint = id.intValue();
    dataAddress = parse(data);
    if (dataAddress == 0) {
      throw new Unusable("the policy's data can't be read by the policy");
    }
    heapAfterData = opa.opaHeapPtrGet();
  }

  /**
   * Evaluates the entrypoint.
   *
   * @param input JSON in UTF-8, checked to be such
   * @return JSON: {@code [{"result": …}]}, or {@code []} where it is undefined
   */
  String evaluate(byte[] input) {
    opa.opaHeapPtrSet(heapAfterData);
    int inputAddress = parseInput(input);
    int context = opa.opaEvalCtxNew();
    opa.opaEvalCtxSetData(context, dataAddress);
    opa.opaEvalCtxSetInput(context, inputAddress);
    opa.opaEvalCtxSetEntrypoint(context, entrypoint);
    int code = opa.eval(context);
    if (code != 0) {
      throw new IllegalStateException("the evaluation ended with code " + code);
    }
    return memory.readCString(opa.opaJsonDump(opa.opaEvalCtxGetResult(context)));
  }

  private int parseInput(byte[] input) {
    try {
      int address = parse(input);
      if (address != 0) {
        return address;
      }
    } catch (IllegalStateException e) {
      throw new UnreadableInput(e);
    }
    throw new UnreadableInput(null);
  }

  /** Whether it is small enough to be kept. */
  boolean small() {
    return memory.pages() <= MOST_PAGES_KEPT;
  }

  private int parse(byte[] json) {
    int text = opa.opaMalloc(json.length);
    memory.write(text, json);
    int address = opa.opaJsonParse(text, json.length);
    opa.opaFree(text);
    return address;
  }

  private JsonNode readJson(int address) {
    try {
      return StrictJson.read(memory.readCString(opa.opaJsonDump(address)));
    } catch (JsonProcessingException e) {
      throw new Unusable("the policy's tables can't be read: " + e.getOriginalMessage());
    }
  }

  // ---- what the policy calls ------------------------------------------------------

  @Override
  public OpaWasm_Env env() {
    return this;
  }

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public void opaAbort(int message) {
    throw new IllegalStateException(memory.readCString(message));
  }

  @Override
  public int opaBuiltin0(int id, int context) {
    throw lacking(id);
  }

  @Override
  public int opaBuiltin1(int id, int context, int a) {
    throw lacking(id);
  }

  @Override
  public int opaBuiltin2(int id, int context, int a, int b) {
    if (!GoFormat.BUILTIN.equals(builtins.get(id))) {
      throw lacking(id);
    }
    JsonNode format = readJson(a);
    if (!format.isTextual()) {
      throw new IllegalArgumentException("sprintf: operand 1 must be a string");
    }
    String formatted =
        GoFormat.sprintf(format.textValue(), memory.readCString(opa.opaValueDump(b)));
    try {
      return parse(StrictJson.MAPPER.writeValueAsBytes(formatted));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e.getOriginalMessage(), e);
    }
  }

  @Override
  public int opaBuiltin3(int id, int context, int a, int b, int c) {
    throw lacking(id);
  }

  @Override
  public int opaBuiltin4(int id, int context, int a, int b, int c, int d) {
    throw lacking(id);
  }

  private Unusable lacking(int id) {
    return new Unusable("the policy called " + builtins.get(id) + ", which the engine lacks");
  }
}

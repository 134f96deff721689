package dev.swiftdeploy.adapters.policy;

import com.dylibso.chicory.wasm.MalformedException;
import java.io.ByteArrayOutputStream;

/** The outermost layer of the WebAssembly binary format (core specification 1.0, section 5.5). */
final class WasmSections {
  private static final int HEADER = 8;
  private static final int CUSTOM = 0;
  private static final int CODE = 10;

  /** Three bytes long: no locals, {@code unreachable}, {@code end}. */
  private static final byte[] EMPTY_BODY = {3, 0, 0x00, 0x0b};

  private final byte[] wasm;
  private int at = HEADER;

  private WasmSections(byte[] wasm) {
    this.wasm = wasm;
  }

  /**
   * The same module, but each function only traps, and without custom sections (names, sources).
   */
  static byte[] withoutBodies(byte[] wasm) {
    try {
      return new WasmSections(wasm).withoutBodies();
    } catch (IndexOutOfBoundsException e) {
      throw new MalformedException("the WebAssembly ends in the middle of a section");
    }
  }

  private byte[] withoutBodies() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(wasm, 0, HEADER);
    while (at < wasm.length) {
      int start = at;
      int id = wasm[at++];
      int size = unsigned();
      int end = Math.addExact(at, size);
      if (end > wasm.length) {
        throw new IndexOutOfBoundsException(end);
      }
      if (id == CODE) {
        ByteArrayOutputStream bodies = new ByteArrayOutputStream();
        int functions = unsigned();
        write(bodies, functions);
        for (int i = 0; i < functions; i++) {
          bodies.writeBytes(EMPTY_BODY);
        }
        out.write(CODE);
        write(out, bodies.size());
        out.writeBytes(bodies.toByteArray());
      } else if (id != CUSTOM) {
        out.write(wasm, start, end - start);
      }
      at = end;
    }
    return out.toByteArray();
  }

  /** Unsigned LEB128 that fits an array's size. */
  private int unsigned() {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte b = wasm[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        if (value > wasm.length) {
          throw new IndexOutOfBoundsException("size " + value);
        }
        return (int) value;
      }
    }
    throw new MalformedException("a size is too long");
  }

  private static void write(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest > 0x7f) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}

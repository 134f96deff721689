package dev.swiftdeploy.local.proxy.embedded;

import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;

/** Tells a {@link Flight} when bytes of its bodies go through, and bounds the request's. */
final class Progress {
  private Progress() {}

  static void follow(HttpServerExchange exchange, Flight flight, long mostBytes) {
    exchange.addRequestWrapper((factory, e) -> new Request(factory.create(), flight, mostBytes));
    exchange.addResponseWrapper((factory, e) -> new Response(factory.create(), flight));
  }

  private static final class Request extends AbstractStreamSourceConduit<StreamSourceConduit> {
    private final Flight flight;
    private long left;

    Request(StreamSourceConduit next, Flight flight, long mostBytes) {
      super(next);
      this.flight = flight;
      this.left = mostBytes;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
      return (int) passed(super.read(to));
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) throws IOException {
      return passed(super.read(to, offset, length));
    }

    @Override
    public long transferTo(long position, long count, FileChannel to) throws IOException {
      return passed(super.transferTo(position, count, to));
    }

    @Override
    public long transferTo(long count, ByteBuffer through, StreamSinkChannel to)
        throws IOException {
      return passed(super.transferTo(count, through, to));
    }

    private long passed(long bytes) throws IOException {
      if (bytes > 0) {
        flight.progress();
        left -= bytes;
        if (left < 0) {
          throw new IOException("the request's body is too large");
        }
      }
      return bytes;
    }
  }

  private static final class Response extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private final Flight flight;

    Response(StreamSinkConduit next, Flight flight) {
      super(next);
      this.flight = flight;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      return (int) passed(super.write(from));
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
      return passed(super.write(from, offset, length));
    }

    @Override
    public int writeFinal(ByteBuffer from) throws IOException {
      return (int) passed(super.writeFinal(from));
    }

    @Override
    public long writeFinal(ByteBuffer[] from, int offset, int length) throws IOException {
      return passed(super.writeFinal(from, offset, length));
    }

    @Override
    public long transferFrom(FileChannel from, long position, long count) throws IOException {
      return passed(super.transferFrom(from, position, count));
    }

    @Override
    public long transferFrom(StreamSourceChannel from, long count, ByteBuffer through)
        throws IOException {
      return passed(super.transferFrom(from, count, through));
    }

    private long passed(long bytes) {
      if (bytes > 0) {
        flight.progress();
      }
      return bytes;
    }
  }
}

package dev.swiftdeploy.adapters.manifest;

import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;

/** A place in a file, 1-based, columns in characters. */
record Spot(int line, int column) {
  static final Spot START = new Spot(1, 1);

  @Override
  public String toString() {
    return line + ":" + column;
  }

  static Spot of(Mark mark) {
    return new Spot(mark.getLine() + 1, mark.getColumn() + 1);
  }

  static Spot of(Node node) {
    return of(node.getStartMark());
  }
}

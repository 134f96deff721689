package dev.swiftdeploy.adapters.manifest;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what a person probably meant. */
final class Suggestion {
  private static final int LONGEST = 64;

  private Suggestion() {}

  /**
   * The nearest of the words: the same but for case, {@code _} and {@code -}, else at most two
   * edits away (one, for words of up to four letters).
   */
  static Optional<String> near(String given, Collection<String> words) {
    if (given.isEmpty() || given.length() > LONGEST) {
      return Optional.empty();
    }
    String wanted = bare(given);
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String word : words) {
      String candidate = bare(word);
      int edits = edits(wanted, candidate);
      int allowed = Math.min(wanted.length(), candidate.length()) <= 4 ? 1 : 2;
      if (edits <= allowed && edits < least) {
        best = word;
        least = edits;
      }
    }
    return Optional.ofNullable(best);
  }

  private static String bare(String word) {
    return word.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
  private static int edits(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(substitution, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}

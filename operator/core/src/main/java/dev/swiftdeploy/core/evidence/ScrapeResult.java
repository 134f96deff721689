package dev.swiftdeploy.core.evidence;

import java.time.Instant;

/** What came of asking one instance for its metrics. */
public sealed interface ScrapeResult permits Scrape, FailedScrape {

  /** When it was asked: what it tells is of this time or after. */
  Instant at();
}

package dev.swiftdeploy.core.evidence;

import java.time.Instant;

/**
 * An instance that runs did not tell its metrics, or told what makes no sense.
 *
 * @param why for people, in words of ours: nothing that the instance sent is repeated
 */
public record FailedScrape(Instant at, String why) implements ScrapeResult {}

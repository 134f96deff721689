/**
 * The resources as the API server holds them: the CRDs in {@code crds/} are generated from these
 * classes, and {@code kubectl explain} prints their descriptions.
 */
@NullMarked
package dev.swiftdeploy.kubernetes.api;

import org.jspecify.annotations.NullMarked;

package dev.swiftdeploy.adapters.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS that believes the certificates of a PEM file.
 *
 * @param sockets that check a server's certificate so
 * @param trust what they check it with
 */
public record Authorities(SSLSocketFactory sockets, X509TrustManager trust) {

  /**
   * Those of the file, and no others.
   *
   * @throws IOException if it can't be read, or holds no certificate
   */
  public static Authorities only(Path pem) throws IOException {
    try {
      return of(certificates(pem));
    } catch (GeneralSecurityException e) {
      throw unusable(pem, e);
    }
  }

  /**
   * Those of the file, and the JVM's own.
   *
   * @throws IOException if it can't be read, or holds no certificate
   */
  public static Authorities also(Path pem) throws IOException {
    try {
      List<Certificate> all = new ArrayList<>(certificates(pem));
      Collections.addAll(all, trust(null).getAcceptedIssuers());
      return of(all);
    } catch (GeneralSecurityException e) {
      throw unusable(pem, e);
    }
  }

  private static List<Certificate> certificates(Path pem)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(pem)) {
      List<Certificate> found =
          List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
      if (found.isEmpty()) {
        throw new IOException(pem + " holds no certificate");
      }
      return found;
    }
  }

  private static Authorities of(List<Certificate> certificates)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry("authority-" + i, certificates.get(i));
    }
    X509TrustManager trust = trust(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {trust}, null);
    return new Authorities(context.getSocketFactory(), trust);
  }

  /** Of a store; null: of the JVM's own. */
  private static X509TrustManager trust(@Nullable KeyStore store)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Stream.of(factory.getTrustManagers())
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .findFirst()
        .orElseThrow(() -> new IOException("this JVM has no X.509"));
  }

  private static IOException unusable(Path pem, GeneralSecurityException e) {
    return new IOException(pem + " is no PEM file of certificates: " + e.getMessage(), e);
  }
}

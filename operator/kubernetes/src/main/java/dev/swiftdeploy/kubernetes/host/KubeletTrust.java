package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.adapters.tls.Authorities;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates of kubelets are believed. Whoever is believed is given the operator's token.
 *
 * @param authority PEM certificates of their authority; empty: the API server's
 * @param any every certificate is believed, whoever shows it
 */
public record KubeletTrust(Optional<Path> authority, boolean any) {

  /**
   * Believes so.
   *
   * @throws IllegalArgumentException if the authority can't be read
   */
  void into(OkHttpClient.Builder client, Config config) {
    try {
      if (any) {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        client
            .sslSocketFactory(context.getSocketFactory(), new Anybody())
            .hostnameVerifier((name, session) -> true);
        return;
      }
      @Nullable String cluster = config.getCaCertFile();
      Optional<Path> pem = authority.or(() -> Optional.ofNullable(cluster).map(Path::of));
      if (pem.isPresent()) {
        Authorities believed = Authorities.only(pem.get());
        client.sslSocketFactory(believed.sockets(), believed.trust());
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "--kubelet-certificate-authority: "
              + e.getMessage()
              + ". Name a PEM file of certificates",
          e);
    }
  }

  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}

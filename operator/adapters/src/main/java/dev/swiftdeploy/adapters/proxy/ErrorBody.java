package dev.swiftdeploy.adapters.proxy;

import dev.swiftdeploy.core.platform.ProxySettings;
import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.ResourceName;

/** What a proxy answers when it, not the service, fails a request. */
public enum ErrorBody {
  /** No instance took the request, or the one that did broke off. */
  BAD_GATEWAY(502, "Bad Gateway"),
  /** The proxy itself can take no more. */
  SERVICE_UNAVAILABLE(503, "Service Unavailable"),
  /** An instance took the request and did not answer in time. */
  GATEWAY_TIMEOUT(504, "Gateway Timeout");

  public static final String CONTENT_TYPE = "application/json";

  private final int code;
  private final String error;

  ErrorBody(int code, String error) {
    this.code = code;
    this.error = error;
  }

  public int code() {
    return code;
  }

  /**
   * One JSON object, {@code error, code, service, contact}; contact is null where none is declared.
   * The types of the parts hold nothing that JSON or an nginx string would have to escape.
   */
  public String json(ProxySettings settings) {
    String contact =
        settings.contact().map(Contact::value).map(c -> "\"" + c + "\"").orElse("null");
    return "{\"error\":\"%s\",\"code\":%d,\"service\":\"%s\",\"contact\":%s}"
        .formatted(error, code, ResourceName.of(settings.service()), contact);
  }
}

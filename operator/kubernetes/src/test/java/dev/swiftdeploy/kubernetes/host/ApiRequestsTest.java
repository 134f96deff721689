package dev.swiftdeploy.kubernetes.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.loop.CrashPoint;
import okhttp3.HttpUrl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiRequestsTest {
  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/namespaces/shop/pods, list, pods, false",
    "GET, /api/v1/pods?watch=true, watch, pods, false",
    "GET, /api/v1/namespaces/shop, get, namespaces, false",
    "GET, /apis/apps/v1/namespaces/shop/deployments/web, get, deployments, false",
    "PATCH, /apis/swiftdeploy.dev/v1alpha1/namespaces/a/swiftdeploys/b/status, patch,"
        + " swiftdeploys/status, true",
    "POST, /apis/swiftdeploy.dev/v1alpha1/namespaces/a/transitions, post, transitions, true",
    "DELETE, /api/v1/namespaces/a/configmaps?labelSelector=x, deletecollection, configmaps, true",
    "DELETE, /apis/apps/v1/namespaces/a/deployments/b, delete, deployments, true",
    "PUT, /apis/coordination.k8s.io/v1/namespaces/a/leases/b, put, leases, true",
    "POST, /apis/authorization.k8s.io/v1/selfsubjectrulesreviews, post,"
        + " selfsubjectrulesreviews, false",
    "GET, /version, get, /version, false",
  })
  void isNamedAsTheApiServerNamesIt(
      String method, String path, String verb, String resource, boolean writes) {
    ApiRequests.Kind kind = ApiRequests.Kind.of(method, HttpUrl.get("http://localhost" + path));
    assertThat(kind).isEqualTo(new ApiRequests.Kind(verb, resource, false));
    assertThat(kind.writes()).isEqualTo(writes);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /apis/swiftdeploy.dev/v1alpha1/namespaces/a/transitions, KUBERNETES_AFTER_RECORD",
    "POST, /apis/apps/v1/namespaces/a/controllerrevisions, KUBERNETES_AFTER_RELEASE",
    "PATCH, /apis/swiftdeploy.dev/v1alpha1/namespaces/a/swiftdeploys/b, KUBERNETES_AFTER_CLAIM",
    "PATCH, /apis/swiftdeploy.dev/v1alpha1/namespaces/a/swiftdeploys/b/status,"
        + " KUBERNETES_AFTER_STATUS",
    "POST, /api/v1/namespaces/a/events, KUBERNETES_AFTER_EVENT",
    "PUT, /apis/coordination.k8s.io/v1/namespaces/a/leases/b, KUBERNETES_AFTER_LEASE",
    "PATCH, /apis/apps/v1/namespaces/a/deployments/b, KUBERNETES_AFTER_APPLY",
    "PATCH, /api/v1/namespaces/a/configmaps/swiftdeploy-operator-policy, KUBERNETES_AFTER_POLICY",
    "PATCH, /api/v1/namespaces/a/configmaps/demo-nginx-0123456789ab, KUBERNETES_AFTER_APPLY",
    "DELETE, /apis/apps/v1/namespaces/a/deployments/b, KUBERNETES_AFTER_DELETE",
    "DELETE, /api/v1/namespaces/a/configmaps?labelSelector=x, KUBERNETES_AFTER_DELETE",
  })
  void eachWriteHasACrashPoint(String method, String path, CrashPoint point) {
    assertThat(ApiRequests.Kind.of(method, HttpUrl.get("http://localhost" + path)).written())
        .isEqualTo(point);
  }
}

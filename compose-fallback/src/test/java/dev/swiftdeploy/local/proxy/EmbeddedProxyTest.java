package dev.swiftdeploy.local.proxy;

class EmbeddedProxyTest extends ProxyContract {
  EmbeddedProxyTest() {
    super(ProxyKind.EMBEDDED);
  }
}

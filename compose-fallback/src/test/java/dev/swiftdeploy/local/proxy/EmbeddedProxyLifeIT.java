package dev.swiftdeploy.local.proxy;

class EmbeddedProxyLifeIT extends ProxyLifeContract {
  EmbeddedProxyLifeIT() {
    super(ProxyKind.EMBEDDED);
  }
}

package dev.swiftdeploy.local.proxy;

class NginxProxyLifeIT extends ProxyLifeContract {
  NginxProxyLifeIT() {
    super(ProxyKind.NGINX);
  }
}

package dev.swiftdeploy.local.proxy;

class NginxProxyIT extends ProxyContract {
  NginxProxyIT() {
    super(ProxyKind.NGINX);
  }
}

#!/usr/bin/env python3
"""Asks the public port in many ways for what must not be reachable from it: OPA, the admin
listeners, other workloads. Whatever comes back is the service's own answer or nginx's error.
"""
import re
import socket
import sys

PORT = int(sys.argv[1])
PATHS = [
    "/health", "/v1/data", "/v1/data/swiftdeploy/admission/decision", "/v1/policies", "/opa", "/opa/health",
    "/admin", "/nginx_status", "/stub_status", "/server-status", "/..", "/../health", "/%2e%2e/v1/data",
    "/%2e%2e%2fhealth", "/..%2fv1%2fdata", "//v1/data", "/./v1/data", "/%76%31/data", "/v1%2fdata",
    "/;/v1/data", "/v1/data/..;/", "/\\v1\\data", "/%5cv1", "/%00/v1/data", "/@opa:8181/v1/data",
    "http://opa:8181/health", "http://127.0.0.1:8181/health", "http://127.0.0.1:8079/",
    "http://127.0.0.1:9000/", "http://localhost:8079/", "/http://opa:8181/health", "*",
]
HEADERS = [
    "", "Host: opa:8181", "Host: 127.0.0.1:8079", "Host: localhost:9000", "Host: nginx:8079",
    "X-Forwarded-Host: opa:8181", "X-Original-URL: /v1/data", "X-Rewrite-URL: /v1/data", "X-Accel-Redirect: /v1/data",
    "X-SwiftDeploy-Mode: opa", "X-SwiftDeploy-Mode: nginx:8079", "Upgrade: websocket\r\nConnection: Upgrade",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    "Proxy-Authorization: Basic eDp5", "Authorization: Bearer x", "Transfer-Encoding: chunked",
]
METHODS = ["GET", "POST", "CONNECT", "TRACE"]
# An OPA's answers, an nginx's digest, the evidence listener's.
LEAK = re.compile(rb'"result"|"policy"|unauthorized|undefined_document|\r\n\r\n[0-9a-f]{64}$|decision_id', re.I)


def ask(method, path, header):
    with socket.create_connection(("127.0.0.1", PORT), timeout=10) as s:
        host = "" if header.lower().startswith("host:") else "Host: 127.0.0.1\r\n"
        end = "0\r\n\r\n" if "chunked" in header else ""
        text = f"{method} {path} HTTP/1.1\r\n{host}{header}{chr(13) + chr(10) if header else ''}Connection: close\r\n\r\n{end}"
        s.sendall(text.encode())
        answer = b""
        while True:
            part = s.recv(65536)
            if not part:
                return answer
            answer += part
            if b"101 Switching" in answer[:40]:
                return answer


asked = 0
for path in PATHS:
    for method in METHODS:
        for header in HEADERS if method == "GET" else HEADERS[:5]:
            try:
                answer = ask(method, path, header)
            except (ConnectionResetError, BrokenPipeError):
                answer = b""
            except socket.timeout:
                print(f"no answer: {method} {path} {header!r}")
                sys.exit(1)
            asked += 1
            if LEAK.search(answer) or (answer and not answer.startswith(b"HTTP/1.") and b"<html>" not in answer):
                print(f"leaked: {method} {path} {header!r}: {answer[:300]!r}")
                sys.exit(1)
            served = re.match(rb"HTTP/1\.[01] 2", answer) and b"x-deployed-by: swiftdeploy" not in answer.lower()
            if served:
                print(f"not the service: {method} {path} {header!r}: {answer[:300]!r}")
                sys.exit(1)
print(f"{asked} requests")

"""Gives each chain of stdin (a length of 4 bytes, then so many bytes) to the verifier of docs/."""
import importlib.util, sys

spec = importlib.util.spec_from_file_location("verify_chain", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
while size := sys.stdin.buffer.read(4):
    chain = sys.stdin.buffer.read(int.from_bytes(size, "big"))
    good, _, place, _ = verifier.verify([("chain", [l + b"\n" for l in chain.split(b"\n")][:-1] + ([chain.rsplit(b"\n", 1)[-1]] if not chain.endswith(b"\n") else []))], sys.argv[2:])
    print(0 if good else place.split(":")[-1])

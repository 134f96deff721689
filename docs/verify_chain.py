#!/usr/bin/env python3
"""Verifies a SwiftDeploy audit chain by itself: docs/audit-chain.md describes the format.

    verify_chain.py [--head SEQ:HASH]... [--key HEX]... FILE...

The files are all of a chain's segments in their order, packed or not: history.segments/*.gz history.jsonl
Prints `OK RECORDS SEQ:HASH`, or the first bad place and exit code 1. Python 3.8, nothing else.
"""
import argparse, functools, gzip, hashlib, json, re, sys, zlib

HASH = re.compile(rb',"hash":"([0-9a-f]{64})"}\Z')
SIGNATURE = re.compile(rb',"signature":"([0-9a-f]{128})"\Z')

def lines_of(files):  # (file, number, line without its end, whether it was ended)
    firsts = [next(iter(file), b"") for _, file in files]
    for i, (name, file) in enumerate(files):
        if i + 2 == len(files) and firsts[i] == firsts[i + 1]:
            continue  # packed by a rotation that was cut short, and still in use
        for number, line in enumerate(file, 1):
            yield name, number, line.rstrip(b"\n") if line.endswith(b"\n") else line, line.endswith(b"\n")

def verify(files, heads=(), keys=()):
    """files: (name, list of lines with their ends). Returns (good, records, place or head, why)."""
    seq, prev, records, seen, begins, pruned = 0, "0" * 64, 0, {}, None, set()
    for name, number, line, ended in lines_of(files):
        place = f"{name}:{number}"
        tail = HASH.search(line)
        if not tail and not ended and name == files[-1][0] and not re.search(rb',"hash":"[0-9a-f]{64}"}', line):
            break  # a write that was cut short: nothing rests on it
        if not tail or hashlib.sha256(line[:tail.start()]).hexdigest() != tail[1].decode():
            return False, records, place, "edited: its hash is not that of its bytes"
        try:
            record = json.loads(line.decode("utf-8"))
            record["seq"], record["prev"], record["type"]
        except (ValueError, KeyError) as e:
            return False, records, place, f"not a record: {e}"
        if records == 0 and record["type"] == "checkpoint":
            seq, prev = record["seq"] - 1, record["prev"]  # what was before it is in its folds
            begins = (place, seq, f"{seq}:{prev}")
        if (record["seq"], record["prev"]) != (seq + 1, prev):
            return False, records, place, f"record {record['seq']} stands where {seq + 1} after {prev} belongs"
        if record["type"] == "checkpoint":
            signed = SIGNATURE.search(line[:tail.start()])
            if not signed or not ed25519(record["key"], line[:signed.start()], signed[1].decode()):
                return False, records, place, "edited: its signature is not that of its bytes"
            if keys and record["key"] not in keys:
                return False, records, place, "signed by another key"
        if record["type"] == "pruned":
            pruned.update(removed["head"] for removed in record["segments"])
        seen[seq] = prev
        seq, prev, records = record["seq"], tail[1].decode(), records + 1
    seen[seq] = prev
    for head in heads:
        wanted, digest = head.split(":")
        if int(wanted) > seq:
            return False, records, "end", f"cut off: record {wanted} is gone"
        if seen.get(int(wanted), digest) != digest:
            return False, records, f"record {wanted}", "another history"
    if begins and begins[1] > 0 and begins[2] not in pruned:
        return False, records, begins[0], f"records 1 to {begins[1]} are missing, and none was pruned"
    return True, records, f"{seq}:{prev}", ""

# ---- Ed25519 (RFC 8032, section 5.1), only to verify; with a library for it this part can go ----
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        q, p, n = add(q, p) if n & 1 else q, add(p, p), n >> 1
    return q

def point(data):
    y, sign = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        raise ValueError("not a point")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P

@functools.lru_cache(maxsize=None)
def ed25519(key, message, signature):
    try:
        key, signature = bytes.fromhex(key), bytes.fromhex(signature)
        a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
        base = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    except (ValueError, IndexError):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, base), add(r, times(k, a))
    return s < L and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))

def lines(name):
    with (gzip.open if name.endswith(".gz") else open)(name, "rb") as file:
        try:
            return list(file)
        except (OSError, EOFError, zlib.error) as e:
            raise OSError(f"{name}: edited: it can't be unpacked: {e}") from e

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--head", action="append", default=[])
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("files", nargs="+")
    told = parser.parse_args()
    try:
        files = [(name, lines(name)) for name in told.files]
    except OSError as e:
        sys.exit(f"BAD {e}")
    good, records, place, why = verify(files, told.head, told.key)
    print(f"OK {records} {place}" if good else f"BAD {place}: {why}")
    sys.exit(0 if good else 1)

if __name__ == "__main__":
    main()

"""Whether the canary got its share: of the answers to what was sent from BEGIN to END.

python3 share.py ANSWERS BEGIN END PERCENT: ANSWERS as Load.java writes them. Prints the share, and how
likely a proxy that draws each time is to be that far off. Exit 1 where that is less than one in a
billion, or there are fewer than a hundred answers.
"""
import math
import sys

ANSWERS, BEGIN, END, P = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]) / 100

with open(ANSWERS) as lines:
    answers = [line.split() for line in lines if line.endswith("\n")]
modes = [mode for sent_at, _, mode in answers if BEGIN <= int(sent_at) < END]
n, k = len(modes), modes.count("canary")


def chance(i):
    return math.comb(n, i) * P**i * (1 - P) ** (n - i)


tail = min(1.0, 2 * min(sum(map(chance, range(k + 1))), sum(map(chance, range(k, n + 1)))))
print(f"{k} of {n} answers, {100 * k / max(n, 1):.1f} %, chance {tail:.2g}")
sys.exit(n < 100 or tail < 1e-9)

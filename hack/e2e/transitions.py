#!/usr/bin/env python3
"""What a chain says was done: `kind [weight] to: outcome` for each admitted transition, in order.

Reads records from standard input, one line of JSON each, in any order. Told on stderr, with exit
code 1: a transition that begins while another goes on, that ends twice, or that never ends. With
--under-way the last one may go on still.
"""

import json
import sys

records = sorted((json.loads(line) for line in sys.stdin if line.strip()), key=lambda r: r["seq"])
going_on = {}
bad = []
for record in records:
    if record["type"] == "decision" and record["enact"] and record["verdict"] == "allowed":
        bad += [f"{record['decision_id']} begins while {', '.join(going_on)} goes on"] if going_on else []
        going_on[record["decision_id"]] = record["transition"]
    elif record["type"] in ("applied", "failed") and record.get("decision_id"):
        transition = going_on.pop(record["decision_id"], None)
        if transition is None:
            bad.append(f"{record['decision_id']} ends, and did not go on")
            continue
        weight = f" {transition['weight']} %" if transition.get("weight") is not None else ""
        print(f"{transition['kind']}{weight} {transition.get('to') or '-'}: {record['type']}")
if "--under-way" not in sys.argv:
    bad += [f"{decision} never ends" for decision in going_on]
for line in bad:
    print(line, file=sys.stderr)
sys.exit(1 if bad else 0)

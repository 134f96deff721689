"""When a candidate was at a step, from a chain: `BEGAN ENDED` in milliseconds since 1970.

python3 at_step.py VERSION WEIGHT <records: from the record that the step was applied to the next
decision that was enacted. Exit 1 where the step, or its end, is not on record.
"""
import datetime
import json
import sys

VERSION, WEIGHT = sys.argv[1], int(sys.argv[2])


def millis(record):
    time = datetime.datetime.fromisoformat(record["ts"].replace("Z", "+00:00"))
    return int(time.timestamp() * 1000)


step = began = None
for record in [json.loads(line) for line in sys.stdin]:
    enacted = record["type"] == "decision" and record["enact"] and record["verdict"] == "allowed"
    if enacted and began is not None:
        print(began, millis(record))
        sys.exit(0)
    if enacted and record["transition"].get("weight") == WEIGHT and f'"version": "{VERSION}"' in json.dumps(record):
        step = record["decision_id"]
    if record["type"] == "applied" and step is not None and record.get("decision_id") == step:
        began = millis(record)
sys.exit(1)

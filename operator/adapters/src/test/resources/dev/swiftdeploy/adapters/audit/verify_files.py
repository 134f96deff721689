"""Verifies each history whose history.jsonl is named on stdin, with its segments, as docs/ does."""
import glob, importlib.util, os, sys

spec = importlib.util.spec_from_file_location("verify_chain", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
for history in sys.stdin.read().split():
    segments = sorted(glob.glob(history[: -len(".jsonl")] + ".segments/*.gz"))
    try:
        files = [(os.path.basename(name), verifier.lines(name)) for name in segments + [history]]
        good, _, place, _ = verifier.verify(files, sys.argv[2:])
    except OSError as e:
        good, place = False, os.path.basename(str(e).split(":")[0])
    print(0 if good else place)

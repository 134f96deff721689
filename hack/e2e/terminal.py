"""Runs a command on a terminal of its own and says what became of the terminal.

python3 terminal.py END SECONDS COMMAND...
  END: q, int (Ctrl-C) or term (SIGTERM): how it is ended, after SECONDS, or when enough frames were
  shown before and after it grew, if that takes longer; halfway the terminal, 80x24 at first, grows to 100x30.
Prints a line for each fact: `exit N`, `entered`, `left`, `same` (its settings are as before), `wide N`
(the widest line of a frame before and after it grew), `high N` likewise, and the last frame.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

END, SECONDS, COMMAND = sys.argv[1], float(sys.argv[2]), sys.argv[3:]


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


sized, size = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    os.read(sized, 1)  # the terminal gets its size first
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what runs in a background may have it ignored
    os.environ["TERM"] = "xterm-256color"
    os.execvp(COMMAND[0], COMMAND)
resize(fd, 80, 24)
before = termios.tcgetattr(fd)
os.write(size, b"!")
said = b""


PATIENCE = 60  # for what a busy machine may take long to do
ENDED = False


def read_until(end, enough=lambda: False):
    """Until then, or until it is enough or the command's end has closed the terminal."""
    global said, ENDED
    while not ENDED and not enough() and time.time() < end:
        ready, _, _ = select.select([fd], [], [], 0.1)
        if ready:
            try:
                chunk = os.read(fd, 65536)
            except OSError:
                chunk = b""
            ENDED = not chunk
            said += chunk


def show(seconds, frames, since):
    """For so long, and until so many frames were begun since."""
    read_until(time.time() + seconds)
    read_until(time.time() + PATIENCE, lambda: said.count(b"\x1b[H", since) >= frames)


read_until(time.time() + PATIENCE, lambda: b"\x1b[?1049h" in said)
show(SECONDS / 2, 2, 0)
small = len(said)
resize(fd, 100, 30)
os.kill(pid, signal.SIGWINCH)
show(SECONDS / 2, 4, small)
same_while = termios.tcgetattr(fd)
if END == "term":
    os.kill(pid, signal.SIGTERM)
else:
    os.write(fd, b"q" if END == "q" else b"\x03")
read_until(time.time() + PATIENCE)
gone, status = 0, 0
end = time.time() + PATIENCE
while gone == 0 and time.time() < end:
    gone, status = os.waitpid(pid, os.WNOHANG)
    time.sleep(0.05)
after = termios.tcgetattr(fd)
if gone == 0:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    print("exit hangs")
else:
    print("exit", os.waitstatus_to_exitcode(status))

SGR = re.compile(r"\x1b\[[0-9;]*m")
text = said.decode("utf-8", "replace")


def frames(part):
    shown = part.split("\x1b[H")[1:-1]  # the last may be cut
    return [[SGR.sub("", line).replace("\x1b[K", "") for line in f.split("\x1b[J")[0].split("\r\n")] for f in shown]


print("entered" if "\x1b[?1049h" in text else "not entered")
print("left" if text.rstrip().endswith("\x1b[?1049l") and "\x1b[?25h" in text else "not left")
print("same" if after[:6] == before[:6] and same_while[3] != before[3] else "not same")
first = frames(said[:small].decode("utf-8", "replace"))
second = frames(said[small:].decode("utf-8", "replace"))[2:]  # it follows within two frames
for name, measure in (("wide", lambda f: max(len(line) for line in f)), ("high", len)):
    print(name, max(map(measure, first), default=0), max(map(measure, second), default=0))
print("\n".join((second or first or [["nothing"]])[-1]))

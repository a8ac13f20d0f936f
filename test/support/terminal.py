# Runs a program on a pseudo-terminal: terminal.py SCRIPT PROGRAM [ARGUMENT...]
# SCRIPT is a JSON list of [AWAITED, ACTION]: when AWAITED was printed, ACTION is typed, or, when it is {"signal": N}, the
# program gets that signal. Prints as JSON what was seen, the exit status, and whether the terminal was left as it was.
import fcntl, json, os, select, subprocess, sys, termios, time

steps, argv = json.loads(sys.argv[1]), sys.argv[2:]
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, b"\x28\x00\x7b\x00\x00\x00\x00\x00")  # 40 rows, 123 columns
before = termios.tcgetattr(slave)
control = lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)
program = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=control)
seen, unread, end = b"", b"", time.time() + 120
while True:
    if select.select([master], [], [], 0.1)[0]:
        text = os.read(master, 65536)
        seen, unread = seen + text, unread + text
    elif program.poll() is not None:
        break
    elif time.time() > end:
        program.kill()
    if steps and steps[0][0].encode() in unread:
        action, unread = steps.pop(0)[1], b""
        if isinstance(action, str):
            os.write(master, action.encode())
        else:
            program.send_signal(action["signal"])
restored = termios.tcgetattr(slave) == before
print(json.dumps({"status": program.returncode, "restored": restored, "seen": seen.decode(errors="replace")}))

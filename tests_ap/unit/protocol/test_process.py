"""What every long-running process needs, seen from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import unittest

from conversation_genome.errors import SettingsError
from conversation_genome.process import bound_socket

SECONDS = 20
WAITING = """
from conversation_genome.process import exit_on_signals, stop_with_stdin
exit_on_signals()
waiter = stop_with_stdin()
try:
    print("ready" if waiter else "not watching", flush=True)
    import threading; threading.Event().wait(30)
finally:
    print("finally", flush=True)
"""
LOGGING = """
import logging, structlog
from conversation_genome.process import configure_logging
configure_logging("info", "json")
structlog.get_logger("room").info("Mined 12 tags", lines=3)
structlog.get_logger("room").debug("hidden")
logging.getLogger("library").warning("careful: %s", "hot")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("room").exception("failed")
"""


def start(code: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


class TestStopping(unittest.TestCase):
    def begin(self, **environment: str) -> subprocess.Popen[str]:
        process = self.enterContext(start(WAITING, **environment))
        self.addCleanup(process.kill)
        self.first_line = process.stdout.readline().strip()
        return process

    def test_the_end_of_standard_input_stops_the_process_in_good_order(self) -> None:
        process = self.begin(CGP_STOP_WITH_STDIN="1")
        process.stdin.close()
        self.assertEqual((self.first_line, process.stdout.read().strip()), ("ready", "finally"))
        self.assertEqual(process.wait(SECONDS), 0)

    def test_without_the_variable_standard_input_does_not_matter(self) -> None:
        process = self.begin(CGP_STOP_WITH_STDIN="")
        process.stdin.close()
        self.assertEqual(self.first_line, "not watching")
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(0.2)

    def test_signals_stop_the_process_in_good_order(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.begin(CGP_STOP_WITH_STDIN="1")
            process.send_signal(number)
            self.assertEqual((process.stdout.read().strip(), process.wait(SECONDS)), ("finally", 0))


class TestLogging(unittest.TestCase):
    def test_every_line_is_one_json_object_on_standard_error(self) -> None:
        out, err = start(LOGGING).communicate(timeout=SECONDS)
        lines = [json.loads(line) for line in err.splitlines()]
        self.assertEqual(out, "")
        self.assertEqual([line["event"] for line in lines], ["Mined 12 tags", "careful: hot", "failed"])
        self.assertEqual((lines[0]["lines"], lines[1]["level"]), (3, "warning"))
        self.assertIn("ZeroDivisionError", lines[2]["exception"])


class TestBoundSocket(unittest.TestCase):
    def test_a_free_port_is_taken_for_port_0(self) -> None:
        with bound_socket("127.0.0.1", 0) as bound:
            self.assertGreater(bound.getsockname()[1], 0)
            self.assertEqual(bound.proto, socket.IPPROTO_TCP)

    def test_a_port_that_is_taken_is_named(self) -> None:
        with bound_socket("127.0.0.1", 0) as bound:
            bound.listen()
            port = bound.getsockname()[1]
            with self.assertRaisesRegex(SettingsError, rf"cannot listen on 127.0.0.1:{port} \(Address already in use"):
                bound_socket("127.0.0.1", port)

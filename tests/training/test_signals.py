import os
import signal
import threading

import pytest

from lengthwise.training.signals import Interrupted, Signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_only_noted(number: signal.Signals):
    with Signals() as signals:
        assert signals.received is None
        os.kill(os.getpid(), number)
        assert signals.received == number


def test_a_second_interrupt_breaks_off_at_once():
    with pytest.raises(KeyboardInterrupt), Signals():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_interruptible_work_is_broken_off_by_the_first_signal_and_not_begun_after_it():
    with Signals() as signals:
        with pytest.raises(Interrupted), signals.interruptible():
            os.kill(os.getpid(), signal.SIGTERM)
            pytest.fail("went on")
        with pytest.raises(Interrupted), signals.interruptible():
            pytest.fail("began")


def test_the_former_handlers_return():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Signals():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_beside_the_main_thread_signals_are_left_alone():
    entered = []
    thread = threading.Thread(target=lambda: entered.append(Signals().__enter__().received))
    thread.start()
    thread.join()
    assert entered == [None]

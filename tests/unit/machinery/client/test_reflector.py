from hypothesis import given
from hypothesis import strategies as st

from machinery.client.reflector import LONGEST_WAIT, SHORTEST_WAIT, Backoff


@given(st.integers(0, 100))
def test_waits_grow_from_a_tenth_of_a_second_to_five_seconds(failures: int) -> None:
    backoff = Backoff()
    waits = [backoff.next() for _ in range(failures + 1)]
    for number, wait in enumerate(waits):
        full = min(SHORTEST_WAIT * 2**number, LONGEST_WAIT)
        assert full / 2 <= wait <= full
    backoff.reset()
    assert backoff.next() <= SHORTEST_WAIT


def test_clients_do_not_come_back_in_step() -> None:
    assert len({Backoff().next() for _ in range(20)}) > 10

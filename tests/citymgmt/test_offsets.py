"""Base map offsets: a known vector, and each way back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citymgmt.offsets import bd_to_gcj, gcj_to_bd, gcj_to_wgs, wgs_to_gcj

WGS = (121.1450, 28.8582)
GCJ = (121.14938020848282, 28.855348027794943)
BD = (121.15596123361206, 28.861028659372526)

inland = st.tuples(st.floats(73, 137), st.floats(2, 55))


def test_known_vector():
    assert wgs_to_gcj(*WGS) == pytest.approx(GCJ, abs=1e-12)
    assert gcj_to_bd(*GCJ) == pytest.approx(BD, abs=1e-12)


def test_known_vector_backwards():
    assert gcj_to_wgs(*GCJ) == pytest.approx(WGS, abs=1e-9)
    assert bd_to_gcj(*BD) == pytest.approx(GCJ, abs=1e-9)


@settings(deadline=None)
@given(inland)
def test_there_and_back_is_the_same_place(point):
    assert gcj_to_wgs(*wgs_to_gcj(*point)) == pytest.approx(point, abs=1e-9)
    assert bd_to_gcj(*gcj_to_bd(*point)) == pytest.approx(point, abs=1e-9)


@pytest.mark.parametrize("convert", [wgs_to_gcj, gcj_to_wgs, gcj_to_bd, bd_to_gcj])
@pytest.mark.parametrize("point", [(2.35, 48.86), (139.7, 35.7), (121.0, -10.0), (-74.0, 40.7)])
def test_outside_china_nothing_is_shifted(convert, point):
    assert convert(*point) == point
